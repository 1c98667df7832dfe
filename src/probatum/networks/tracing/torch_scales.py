"""Torch operators that multiply each position of an axis by a fixed number: norms with learned gains, fixed factors."""

from __future__ import annotations

import numpy as np

from probatum.networks.tracing.step import Array, Step
from probatum.networks.tracing.torch_calls import Call


def batch_norm(call: Call) -> list[Step]:
    """Rule for batch norm with fixed statistics: gain over root of variance."""
    if call.arguments.get("training") or call.constant("running_var") is None:
        raise call.error("it takes its statistics from the batch, so its gains are not fixed; track running statistics")
    factor = 1 / np.sqrt(call.array("running_var") + call.constant("eps"))
    if call.constant("weight") is not None:
        factor = call.array("weight") * factor
    return [_scale(call, factor, axis=1, norm="batch")]


def channel_norm(call: Call) -> list[Step]:
    """Rule for group norm and instance norm: their statistics are of the moment, their gains are fixed."""
    if call.arguments.get("use_input_stats") is False:
        return batch_norm(call)
    return _gains(call, axis=1, norm="channel")


def last_axes_norm(call: Call) -> list[Step]:
    """Rule for layer norm and RMS norm over the last axes."""
    return _gains(call, axis=-len(call.constant("normalized_shape")), norm="layer")


def multiplied(call: Call) -> list[Step]:
    """Rule for a product, of values or with fixed factors; one factor for all elements is no scale."""
    if call.values("self") and call.values("other"):
        return [call.step("pointwise")]
    fixed = "other" if call.values("self") else "self"
    return _by_factor(call, call.constant(fixed), inverse=False)


def divided(call: Call) -> list[Step]:
    """Rule for a quotient; only a fixed divisor is a scale."""
    if call.values("other"):
        return [call.step("pointwise")]
    return _by_factor(call, call.constant("other"), inverse=True)


def _gains(call: Call, *, axis: int, norm: str) -> list[Step]:
    if call.constant("weight") is None:
        return [call.step("pointwise", inputs=call.values("input"))]
    return [_scale(call, call.array("weight"), axis=axis, norm=norm)]


def _by_factor(call: Call, factor: object, *, inverse: bool) -> list[Step]:
    from torch import Tensor

    if not isinstance(factor, Tensor) or factor.numel() == 1 or factor.dtype.is_complex:
        return [call.step("pointwise")]
    sizes = np.array(factor.detach().cpu().double().numpy())
    if inverse:
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes = 1 / sizes
    return [_scale(call, sizes.astype(np.float32), axis=-sizes.ndim, norm="factor")]


def _scale(call: Call, gain: Array, *, axis: int, norm: str) -> Step:
    value = call.values("self") or call.values("input") or call.values("other")
    axis %= len(call.shapes[0])
    return call.step("scale", inputs=value, constants={"gain": gain}, attributes={"axis": axis, "norm": norm})
