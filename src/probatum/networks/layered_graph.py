"""A trained network as a layered graph of units: the one shape in which every network is measured.

A node is a unit: a neuron of a dense layer, a channel of a convolution, an input. A block holds the edges from
the units of one layer to those of another, one for each pair of units, as heavy as the size of the weight
between them (Filan et al. 2021, "Clusterability in Neural Networks", section 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float32]
LayerKind = Literal["input", "dense", "convolution", "embedding"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """The units that one weight tensor (or an input of the network) makes.

    `weights`: the tensor as trained, shape (units, inputs in each group, *kernel), None for an input. `groups`:
    a grouped convolution's number of groups. `output`: name in the trace of the value in which the finished
    activations of these units stand (after batch norm and the activation function), None where there is no
    trace. `tensor`: name of the parameter, for messages.
    """

    name: str
    units: int
    kind: LayerKind
    tensor: str = ""
    weights: Floats | None = None
    groups: int = 1
    output: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """The edges from units of `source` to units of `target`.

    `weights`: sizes of the edges, none negative, shape (source units, target units) or, where the ranges say so,
    the part of them that begins at `source_start` and `target_start`. A dense array holds a weight for every
    pair; in a sparse array what is not stored is no weight at all (a depthwise convolution, channels of another
    group) and no shuffle puts one there. `tied`: blocks with the same value here are copies of one weight, as
    behind a residual sum; a shuffle deals with them alike. `slot`: where in the target's input channels the
    source stands; equal slots are summed, different ones concatenated. `area`: weights behind each edge (the
    kernel's positions, or the pixels that were flattened). `fan_in`, `fan_out`: of the tensor, as initialization
    schemes count them.
    """

    source: str
    target: str
    weights: Floats | sparse.csr_array
    tied: str
    source_start: int = 0
    target_start: int = 0
    slot: int = 0
    area: int = 1
    fan_in: int = 0
    fan_out: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Concatenation:
    """A place where the outputs of several layers are put side by side.

    `parts`: (layer, first unit, one past the last unit) in channel order; a part that is itself a sum of
    several layers is given by the last of them.
    """

    name: str
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LayeredGraph:
    """Layers in order from input to output, the blocks between them, and what could not be an edge.

    `notes` say what the graph leaves out, such as the scores of an attention layer. Raises `ValueError` for
    weights that are not finite, negative or of a wrong shape, unknown layers and a graph without blocks; the
    message names the tensor.
    """

    name: str
    layers: tuple[Layer, ...]
    blocks: tuple[Block, ...]
    concatenations: tuple[Concatenation, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sizes = {layer.name: layer.units for layer in self.layers}
        if len(sizes) != len(self.layers):
            raise ValueError(f"{self.name}: two layers have one name among {[layer.name for layer in self.layers]}")
        if not self.blocks:
            raise ValueError(f"{self.name}: no weights between layers were found; there is nothing to measure")
        for block in self.blocks:
            _check(block, sizes)

    @cached_property
    def offsets(self) -> dict[str, int]:
        """Number of the first unit of each layer, counting through all layers."""
        ends = np.cumsum([layer.units for layer in self.layers]).tolist()
        return {layer.name: end - layer.units for layer, end in zip(self.layers, ends, strict=True)}

    @property
    def units(self) -> int:
        """Number of units of all layers."""
        return sum(layer.units for layer in self.layers)

    @cached_property
    def layer_of_unit(self) -> npt.NDArray[np.int64]:
        """Position in `layers` of each unit's layer, shape (units,)."""
        return np.repeat(np.arange(len(self.layers)), [layer.units for layer in self.layers])

    def layer(self, name: str) -> Layer:
        """Return the layer of that name; `ValueError` names what there is."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"{self.name} has no layer {name!r}; it has {', '.join(self.offsets)}")

    def adjacency(self) -> sparse.csr_array:
        """Return the whole symmetric adjacency matrix in float64, shape (units, units)."""
        half = sparse.csr_array((self.units, self.units), dtype=np.float64)
        for block in self.blocks:
            part = sparse.coo_array(block.weights)
            row = part.coords[0] + self.offsets[block.source] + block.source_start
            column = part.coords[1] + self.offsets[block.target] + block.target_start
            half = half + sparse.csr_array((part.data.astype(np.float64), (row, column)), shape=half.shape)
        return sparse.csr_array(half + half.T)

    def keep(self, wanted: Callable[[Layer], bool]) -> LayeredGraph:
        """Return the graph of the layers for which `wanted` is true, with the blocks between them."""
        names = {layer.name for layer in self.layers if wanted(layer)}
        blocks = tuple(block for block in self.blocks if {block.source, block.target} <= names)
        touched = names & {name for block in blocks for name in (block.source, block.target)}
        return replace(
            self,
            layers=tuple(layer for layer in self.layers if layer.name in touched),
            blocks=blocks,
            concatenations=tuple(
                joined for joined in self.concatenations if {part[0] for part in joined.parts} <= touched
            ),
        )

    def convolutions(self) -> LayeredGraph:
        """Return the graph between convolutions only, as Filan et al. 2021 measure convolutional networks."""
        return self.keep(lambda layer: layer.kind == "convolution")

    def with_blocks(self, blocks: Iterable[Block]) -> LayeredGraph:
        """Return the same graph with other blocks."""
        return replace(self, blocks=tuple(blocks))


def _check(block: Block, sizes: dict[str, int]) -> None:
    place = f"weights {block.tied!r} from {block.source!r} to {block.target!r}"
    for name in (block.source, block.target):
        if name not in sizes:
            raise ValueError(f"{place}: there is no layer {name!r}; there are {', '.join(sizes)}")
    values = np.asarray(block.weights if isinstance(block.weights, np.ndarray) else block.weights.data)
    if block.weights.ndim != 2:
        raise ValueError(f"{place}: shape {block.weights.shape}; give (source units, target units)")
    ends = (block.source_start + block.weights.shape[0], block.target_start + block.weights.shape[1])
    if ends[0] > sizes[block.source] or ends[1] > sizes[block.target]:
        raise ValueError(f"{place}: reaches to units {ends}, but there are {sizes[block.source], sizes[block.target]}")
    if not np.isfinite(values).all():
        raise ValueError(f"{place}: {int((~np.isfinite(values)).sum())} of {values.size} are NaN or infinite")
    if (values < 0).any():
        raise ValueError(f"{place}: some are negative; an edge is the size of a weight, taken after all scaling")
