"""Products with the normalized adjacency D^-1/2 A D^-1/2 of a packed network, block by block.

Where layers alternate between two sides, the matrix has only a part M from one side to the other, its eigenvectors
are singular vectors of M, and everything happens on the smaller side (M M' in place of the whole).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.structure.partitioning.packing import Packed, Tensor

Floats = npt.NDArray[np.float32]
# a tensor, whether its transpose is meant, first rows read (summed), first rows written
Product = tuple[Tensor, bool, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalizedAdjacency:
    """`units`: numbers of the units on each side (one side: all units); `scale`: their degree to the power -1/2.

    `across`: products that lead from each side to the other, or from all units to all.
    """

    packed: Packed
    units: tuple[npt.NDArray[np.int64], ...]
    scale: tuple[Floats, ...]
    across: tuple[tuple[Product, ...], ...]

    @property
    def two_sided(self) -> bool:
        """Whether layers alternate between two sides."""
        return len(self.units) == 2

    def times(self, side: int, block: Floats) -> Floats:
        """Return the product with a block (units of `side`, columns), on the other side: (units there, columns)."""
        other = 1 - side if self.two_sided else 0
        scaled = block * self.scale[side][:, None]
        out = np.zeros((len(self.units[other]), block.shape[1]), np.float32)
        for tensor, transposed, read, written in self.across[side]:
            rows = tensor.rows if transposed else tensor.columns
            part = scaled[read[0] : read[0] + rows]
            for begin in read[1:]:
                part = part + scaled[begin : begin + rows]
            product = _product(self.packed, tensor, transposed, part)
            for begin in written:
                out[begin : begin + len(product)] += product
        out *= self.scale[other][:, None]
        return out

    def apply(self, block: Floats) -> Floats:
        """Return M M' times a block on the first, smaller side, or the whole matrix times a block of all units."""
        if self.two_sided:
            return self.times(1, self.times(0, block))
        return self.times(0, block)


def normalized_adjacency(packed: Packed, degree: npt.NDArray[np.float64]) -> NormalizedAdjacency:
    """Return the products for weights and degrees (units,) as they stand; the side with fewer edges' ends is first."""
    sides = packed.layout.sides
    groups = [np.arange(packed.layout.units)]
    if sides is not None:
        groups = [np.flatnonzero(sides == 0), np.flatnonzero(sides == 1)]
        groups.sort(key=lambda group: int((degree[group] > 0).sum()))
    side_of, begin = np.zeros(packed.layout.units, np.int64), np.zeros(packed.layout.units, np.int64)
    for number, group in enumerate(groups):
        side_of[group] = number
        begin[group] = np.arange(len(group))
    across: list[list[Product]] = [[] for _ in groups]
    for tensor in packed.layout.tensors:
        for source, target, places in _merged(tensor):
            across[side_of[source]].append((tensor, True, tuple(begin[places].tolist()), (int(begin[target]),)))
            across[side_of[target]].append((tensor, False, (int(begin[target]),), tuple(begin[places].tolist())))
    root = np.sqrt(degree)
    scale = np.divide(1, root, out=np.zeros_like(root), where=root > 0).astype(np.float32)
    return NormalizedAdjacency(
        packed=packed,
        units=tuple(groups),
        scale=tuple(scale[group] for group in groups),
        across=tuple(map(tuple, across)),
    )


def _merged(tensor: Tensor) -> list[tuple[int, int, list[int]]]:
    """Return the blocks that share a tensor and a target as one: a source, the target, all first source units."""
    by_target: dict[int, list[int]] = {}
    for source, target in tensor.places:
        by_target.setdefault(target, []).append(source)
    return [(sources[0], target, sources) for target, sources in by_target.items()]


def _product(packed: Packed, tensor: Tensor, transposed: bool, block: Floats) -> Floats:
    if not tensor.sparse:
        return (packed.matrix(tensor).T if transposed else packed.matrix(tensor)) @ block
    from probatum.structure.partitioning.strip_kernels import sparse_times

    rows = tensor.columns if transposed else tensor.rows
    pointer = tensor.pointer + transposed * (tensor.rows + 1)
    out = np.empty((rows, block.shape[1]), np.float32)
    sparse_times(packed.entries, packed.indices, packed.pointers, pointer, rows, np.ascontiguousarray(block), out)
    return out
