"""Where in a value of the network the units of a layer stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from probatum.errors import ProbatumError
from probatum.networks.layered_graph import Layer, LayeredGraph

Positions = Literal["mean", "max"]


@dataclass(frozen=True, kw_only=True)
class UnitRead:
    """How one number for each unit is read from a value.

    `axis`: of the units in the value, None where each element is one. `positions`: how many positions of a unit make
    one number. `words`: how many words there are where the units are words and the value holds their numbers, else 0.
    """

    value: str
    axis: int | None
    positions: Positions
    words: int = 0


def unit_axis(layer: Layer, shape: Sequence[int]) -> int | None:
    """Return the axis of the layer's units in a value of this `shape` (batch of one), None where each element is one.

    Channels of a convolution stand on axis 1, features of dense layers and embeddings on the last. Raises
    `ProbatumError` where no axis is as long as the layer has units.
    """
    usual = [1, len(shape) - 1] if layer.kind in ("convolution", "input") else [len(shape) - 1, 1]
    fitting: list[int] = [
        axis for axis in [*usual, *range(len(shape))] if 0 < axis < len(shape) and shape[axis] == layer.units
    ]
    if fitting:
        return fitting[0]
    if math.prod(shape) == layer.units:
        return None
    raise ProbatumError(
        f"layer {layer.name!r} has {layer.units} units, but its value {layer.output!r} has shape {shape}: "
        "no axis of that length"
    )


def counts_words(graph: LayeredGraph, layer: Layer) -> bool:
    """Say whether the layer's units are words: what an embedding looks up."""
    embeddings = {other.name for other in graph.layers if other.kind == "embedding"}
    readers = {block.target for block in graph.blocks if block.source == layer.name}
    return layer.kind == "input" and bool(readers & embeddings)


def observed(layers: tuple[Layer, ...]) -> list[Layer]:
    """Return the layers whose activations can be seen; `ProbatumError` if there is none."""
    found = [layer for layer in layers if layer.output is not None]
    if not found:
        raise ProbatumError("the graph was built from weights alone: give the model (a torch module or an ONNX file)")
    return found
