"""Torch operators that move elements and change none: the operator itself, run on whatever stands in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from probatum.networks.tracing.step import Array, Step
from probatum.networks.tracing.torch_calls import Call, names

if TYPE_CHECKING:
    from torch import Tensor

LAYOUTS = names(
    """view _unsafe_view reshape flatten unflatten permute transpose t numpy_T mT movedim swapaxes swapdims squeeze
    unsqueeze expand repeat repeat_interleave tile cat concat stack hstack vstack split split_with_sizes chunk
    unbind tensor_split select slice narrow index_select index gather take_along_dim constant_pad_nd pad
    reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d roll
    flip rot90 pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle unfold im2col diagonal
    slice_scatter select_scatter diagonal_scatter index_put scatter index_copy index_fill"""
)
MOVED = names("self input tensors src values source")  # what moves; the other arguments say how


def layout(call: Call) -> list[Step]:
    """Rule for reshape, transpose, slice, concatenate and their like; what they add of their own becomes zeros."""
    for name in call.arguments:
        if name not in MOVED and call.values(name):
            raise call.error(
                f"its {name} is computed from the model's input, so what it moves depends on the data; measure the "
                "parts before and after it"
            )
    inputs = call.values()

    def run(arrays: Sequence[Array]) -> list[Array]:
        given = dict(zip(inputs, arrays, strict=True))
        made = call.node.target(**{name: _bound(call, name, given) for name in call.arguments})  # type: ignore[operator]
        return [np.asarray(part) for part in (made if isinstance(made, list | tuple) else [made])]

    return [call.step("layout", inputs=inputs, rearrange=run)]


def gated(call: Call) -> list[Step]:
    """Rule for a gated linear unit: one half of the features times the sigmoid of the other half."""
    axis = call.constant("dim")
    halves = tuple(f"{call.outputs[0]}#{number}" for number in range(2))
    split = call.step("layout", rearrange=lambda arrays: np.split(arrays[0], 2, axis=axis))
    return [replace(split, outputs=halves, shapes=call.shapes * 2), call.step("pointwise", inputs=halves)]


def _bound(call: Call, name: str, given: Mapping[str, Array]) -> Any:
    """Put numbers in the place of what moves, zeros in that of constants beside it, and leave what says how."""

    def member(argument: Any) -> Any:
        if call.is_value(argument):
            return _tensor(given[argument.name])
        value = call.known(argument)
        return _zeros(value) if name in MOVED and hasattr(value, "shape") else value

    argument = call.arguments[name]
    if name == "value" and isinstance(argument, int | float):
        return 0  # what a pad adds
    return [member(part) for part in argument] if isinstance(argument, list | tuple) else member(argument)


def _tensor(array: Array) -> Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(array, np.float64))  # exact up to 2^53, and every operator takes it


def _zeros(value: Tensor) -> Tensor:
    import torch

    return torch.zeros(value.shape, dtype=torch.float64)
