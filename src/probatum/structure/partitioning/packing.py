"""A layered graph packed for speed: all weights in one row of memory, in both directions, laid out once.

A tensor is one weight array, however many blocks share it. Dense tensors stand in `values`, each followed by its
transpose; tensors with under 15 % of their weights other than zero stand in `entries` with `indices` and
`pointers` (compressed rows, then compressed columns). A shuffle only writes other numbers into the same layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.errors import MissingExtra
from probatum.networks.layered_graph import Block, LayeredGraph
from probatum.structure.partitioning.layer_sides import layer_sides

SPARSE_BELOW = 0.15
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tensor:
    """Where one weight array stands: `offset` in values or entries, `pointer` in pointers (sparse ones).

    `size`: weights stored. `free`: any place can hold a weight, though few do. `tied`: number of the weight
    that it is a copy of. `places`: first source unit and first target unit of each block that it is.
    """

    block: Block
    rows: int
    columns: int
    tied: int
    sparse: bool
    free: bool
    size: int
    offset: int
    pointer: int
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """What stays the same from shuffle to shuffle. `sides`: of each unit, None where layers do not alternate."""

    name: str
    units: int
    layers: npt.NDArray[np.int64]  # first unit of each layer, and the number of units
    sides: npt.NDArray[np.int64] | None
    tensors: tuple[Tensor, ...]
    strips: npt.NDArray[np.int64]
    forward_strips: npt.NDArray[np.int64]  # from source to target only: each block once
    first_strip: npt.NDArray[np.int64]  # of each layer; strips are sorted by their own layer


@dataclass(frozen=True, kw_only=True, eq=False)
class Packed:
    """The weights in that layout, divided by `largest`; the arrays are written over by the next shuffle."""

    layout: Layout
    largest: float
    values: Floats
    entries: Floats
    indices: npt.NDArray[np.int32]
    pointers: npt.NDArray[np.int64]

    def copy(self) -> Packed:
        """Return the same with arrays of its own."""
        arrays = ("values", "entries", "indices", "pointers")
        return replace(self, **{name: getattr(self, name).copy() for name in arrays})

    def matrix(self, tensor: Tensor) -> Floats:
        """Return a dense tensor, a view."""
        return self.values[tensor.offset : tensor.offset + tensor.size].reshape(tensor.rows, tensor.columns)

    def stored(self, tensor: Tensor) -> Floats:
        """Return the stored weights of a tensor in the order of its rows, a view."""
        row = self.entries if tensor.sparse else self.values
        return row[tensor.offset : tensor.offset + tensor.size]

    def mirror(self, tensor: Tensor) -> None:
        """Bring the transpose of a tensor up to date after its weights were written."""
        from probatum.structure.partitioning.strip_kernels import transpose, transpose_sparse

        if tensor.sparse:
            sizes = (tensor.pointer, tensor.rows, tensor.columns, tensor.size)
            transpose_sparse(self.entries, self.indices, self.pointers, *sizes)
        else:
            transpose(self.values, tensor.offset, tensor.rows, tensor.columns)

    def mirror_dense(self) -> None:
        """Bring the transposes of dense tensors up to date, which only the moves of single units need."""
        for tensor in self.layout.tensors:
            if not tensor.sparse:
                self.mirror(tensor)

    def degrees(self) -> npt.NDArray[np.float64]:
        """Return the sum of weights at each unit, shape (units,)."""
        from probatum.structure.partitioning.strip_kernels import degrees

        arrays = (self.values, self.entries, self.indices, self.pointers)
        return degrees(self.layout.units, self.layout.forward_strips, *arrays)

    def ncut(self, labels: npt.NDArray[np.int32], degree: npt.NDArray[np.float64]) -> float:
        """Return the n-cut of labels (units,) given the degrees; -1 leaves a unit out."""
        from probatum.structure.partitioning.strip_kernels import weight_inside

        clusters = int(labels.max()) + 1
        arrays = (self.values, self.entries, self.indices, self.pointers)
        inside = weight_inside(clusters, labels, self.layout.forward_strips, *arrays)
        volume = np.bincount(labels[labels >= 0], degree[labels >= 0], minlength=clusters)
        return float(((volume - inside) / (volume + 1e-8)).sum())


def pack(graph: LayeredGraph) -> Packed:
    """Pack a graph; its weights are divided by the largest, which changes no n-cut. `MissingExtra` without numba."""
    try:
        import numba  # noqa: F401  # the kernels are compiled by it
    except ImportError as error:
        raise MissingExtra("structure", "numba") from error
    arrays: dict[tuple[str, int], list[Block]] = {}
    for block in graph.blocks:
        arrays.setdefault((block.tied, id(block.weights)), []).append(block)
    ties = {name: number for number, name in enumerate(dict.fromkeys(block.tied for block in graph.blocks))}
    tensors = _laid_out(graph, [(ties[key[0]], blocks) for key, blocks in arrays.items()])
    sides = layer_sides(graph)
    forward, back = _strips(tensors)
    strips = np.concatenate([forward, back])
    own = graph.layer_of_unit[strips[:, 0]]
    order = np.argsort(own, kind="stable")
    layout = Layout(
        name=graph.name,
        units=graph.units,
        layers=np.array([*graph.offsets.values(), graph.units], np.int64),
        sides=None if sides is None else np.array(sides, np.int64)[graph.layer_of_unit],
        tensors=tensors,
        strips=strips[order],
        forward_strips=forward,
        first_strip=np.searchsorted(own[order], np.arange(len(graph.layers) + 1)),
    )
    return _filled(layout)


def _laid_out(graph: LayeredGraph, arrays: Sequence[tuple[int, list[Block]]]) -> tuple[Tensor, ...]:
    tensors, dense, thin, pointer = [], 0, 0, 0
    for tied, blocks in arrays:
        weights = blocks[0].weights
        structural = not isinstance(weights, np.ndarray)
        full = _compressed(weights).nnz if structural else int(np.count_nonzero(_raw(blocks[0])))
        rows, columns = weights.shape
        is_sparse = structural or full < SPARSE_BELOW * rows * columns
        places = [
            (graph.offsets[block.source] + block.source_start, graph.offsets[block.target] + block.target_start)
            for block in blocks
        ]
        tensors.append(
            Tensor(
                block=blocks[0],
                rows=rows,
                columns=columns,
                tied=tied,
                sparse=is_sparse,
                free=is_sparse and not structural,
                size=full if is_sparse else rows * columns,
                offset=thin if is_sparse else dense,
                pointer=pointer,
                places=tuple(places),
            )
        )
        if is_sparse:
            thin, pointer = thin + 2 * full, pointer + rows + columns + 2
        else:
            dense += 2 * rows * columns
    return tuple(tensors)


def _strips(tensors: Sequence[Tensor]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the strips of each block from source to target and from target to source (see `strip_kernels`)."""
    forward, back = [], []
    for tensor in tensors:
        thin, size = int(tensor.sparse), tensor.rows + 1 if tensor.sparse else tensor.size
        begin = tensor.pointer if tensor.sparse else tensor.offset
        for source, target in tensor.places:
            forward.append((source, source + tensor.rows, target, tensor.columns, thin, begin))
            back.append((target, target + tensor.columns, source, tensor.rows, thin, begin + size))
    return np.array(forward, np.int64), np.array(back, np.int64)


def _filled(layout: Layout) -> Packed:
    dense = sum(2 * tensor.size for tensor in layout.tensors if not tensor.sparse)
    thin = sum(2 * tensor.size for tensor in layout.tensors if tensor.sparse)
    pointers = sum(tensor.rows + tensor.columns + 2 for tensor in layout.tensors if tensor.sparse)
    largest = max(float(np.max(_raw(tensor.block), initial=0)) for tensor in layout.tensors) or 1.0
    packed = Packed(
        layout=layout,
        largest=largest,
        values=np.empty(dense, np.float32),
        entries=np.empty(thin, np.float32),
        indices=np.empty(thin, np.int32),
        pointers=np.zeros(pointers, np.int64),
    )
    for tensor in layout.tensors:
        if tensor.sparse:
            rows = _compressed(tensor.block.weights)
            packed.indices[tensor.offset : tensor.offset + tensor.size] = rows.indices
            packed.pointers[tensor.pointer : tensor.pointer + tensor.rows + 1] = rows.indptr + tensor.offset
            packed.stored(tensor)[:] = rows.data / np.float32(largest)
            packed.mirror(tensor)
        else:
            packed.stored(tensor)[:] = _raw(tensor.block).ravel() / np.float32(largest)
    return packed


def _compressed(weights: Floats | sparse.csr_array) -> sparse.csr_array:
    """Return compressed rows without a place stored twice; what is stored stays stored even if it is 0."""
    rows = sparse.csr_array(weights)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _raw(block: Block) -> Floats:
    """Return the weights that a block stores."""
    return block.weights if isinstance(block.weights, np.ndarray) else block.weights.data
