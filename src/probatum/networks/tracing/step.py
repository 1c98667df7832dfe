"""What a network computes, operation by operation, in the same words for torch and for ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy.typing as npt

Array = npt.NDArray[Any]
Rearrange = Callable[[Sequence[Array]], Sequence[Array]]

Operation = Literal[
    "layout",  # moves elements: reshape, transpose, slice, concatenate, split, pad, gather; see `rearrange`
    "pointwise",  # an activation function, or a sum or product of values and constants; no element moves
    "dense",  # constants: weight (out, in); acts on the last axis
    "convolution",  # constants: weight (out, in / groups, *kernel); attributes: groups; channels on axis 1
    "embedding",  # constants: weight (words, units); inputs: word numbers
    "scale",  # a fixed gain for each position of one axis: batch norm, layer norm, a learned scale;
    # constants: gain (positions,); attributes: axis, norm ("batch" folds into the weights before it)
    "pool",  # mean or maximum over positions of the axes behind the channels (axis 1)
    "reduce",  # mean, sum, maximum over `axes` (attribute, non-negative); keepdims in the shape
    "product",  # matrix product of two values, neither constant
    "attention",  # inputs: query, key, value; softmax(query key') value on the last two axes
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """One operation. `operator` and `place` are the user's own words for messages ("aten.conv2d", "features.0").

    `inputs`: names of values (activations only, in order); `outputs`: names, with their `shapes` (batch of one).
    `constants`: arrays by role, as `Operation` says, and `tensors` the names under which the model keeps them.
    `rearrange`: for layout, the operation itself on numpy arrays of any dtype (batch of one), constants bound.
    """

    operation: Operation
    operator: str
    place: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    constants: Mapping[str, Array] = field(default_factory=dict)
    tensors: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    rearrange: Rearrange | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """All operations of a model in the order of computing; `inputs`: name to shape (batch of one)."""

    name: str
    inputs: Mapping[str, tuple[int, ...]]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
