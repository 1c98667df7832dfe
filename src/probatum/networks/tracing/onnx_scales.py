"""ONNX operators that multiply each position of an axis by a fixed number: norms with learned gains, fixed factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from probatum.networks.tracing.onnx_nodes import Node
from probatum.networks.tracing.step import Array, Step


def batch_norm(node: Node) -> list[Step]:
    """Rule for batch norm with fixed statistics: gain over root of variance."""
    if node.attributes.get("training_mode"):
        raise node.error("it takes its statistics from the batch; export the model for inference")
    gain, variance = node.needed(1, "its gain"), node.needed(4, "its variance")
    factor = np.float32(gain) / np.sqrt(np.float32(variance) + node.attributes.get("epsilon", 1e-5))
    return [_scale(node, factor, axis=1, norm="batch")]


def channel_norm(node: Node) -> list[Step]:
    """Rule for group norm and instance norm; their statistics are of the moment, their gains are fixed."""
    channels = node.shapes[node.name(0)][1]
    gain = node.needed(1, "its gain")
    return [_scale(node, np.repeat(gain, channels // len(gain)), axis=1, norm="channel")]


def last_axes_norm(node: Node) -> list[Step]:
    """Rule for layer norm and RMS norm over the last axes."""
    return _scaled(node, node.name(0), node.needed(1, "its gain"), norm="layer")


def multiplied(node: Node) -> list[Step]:
    """Rule for a product, of values or with a fixed factor."""
    values = node.values
    if len(values) != 1:
        return [node.step("pointwise")]
    fixed = node.constant(1) if node.constant(0) is None else node.constant(0)
    return _scaled(node, values[0], np.asarray(fixed), norm="factor")


def divided(node: Node) -> list[Step]:
    """Rule for a quotient; only a fixed divisor is a scale."""
    divisor = node.constant(1)
    if divisor is None:
        return [node.step("pointwise")]
    with np.errstate(divide="ignore", invalid="ignore"):
        return _scaled(node, node.name(0), 1 / divisor.astype(np.float64), norm="factor")


def _scale(node: Node, gain: Array, *, axis: int, norm: str) -> Step:
    return node.step(
        "scale", inputs=[node.name(0)], attributes={"axis": axis, "norm": norm}, gain=gain.astype(np.float32)
    )


def _scaled(node: Node, value: str, gain: Array, *, norm: str) -> list[Step]:
    """Steps that widen the value to the shape of the product, if need be, and scale it along one axis."""
    output = str(node.proto.output[0])
    shape = node.output_types[output][1]
    sizes = (1,) * (len(shape) - gain.ndim) + gain.shape
    axes = [axis for axis, size in enumerate(sizes) if size > 1]
    if not axes and norm == "factor":
        return [*_widened(node, value, shape), node.step("pointwise", inputs=[_last(node, value, shape)])]
    steps = _widened(node, value, shape)
    value = _last(node, value, shape)
    axis = axes[0] if axes else len(shape) - 1
    if len(axes) <= 1:
        whole = np.broadcast_to(gain.reshape(-1), (shape[axis],)).astype(np.float32)
        return [*steps, _named(node, value, output, shape, gain=whole, axis=axis, norm=norm)]
    flat = (1, int(np.prod(shape)))
    whole = np.broadcast_to(gain, shape).reshape(-1).astype(np.float32)
    return [
        *steps,
        _move(node, value, f"{output}#row", flat),
        _named(node, f"{output}#row", f"{output}#scaled", flat, gain=whole, axis=1, norm=norm),
        _move(node, f"{output}#scaled", output, shape),
    ]


def _last(node: Node, value: str, shape: tuple[int, ...]) -> str:
    return value if node.shapes[value] == shape else f"{node.proto.output[0]}#wide"


def _widened(node: Node, value: str, shape: tuple[int, ...]) -> list[Step]:
    if node.shapes[value] == shape:
        return []
    step = node.step("layout", inputs=[value], rearrange=lambda arrays: [np.broadcast_to(arrays[0], shape)])
    return [replace(step, outputs=(f"{node.proto.output[0]}#wide",))]


def _move(node: Node, value: str, output: str, shape: tuple[int, ...]) -> Step:
    def run(arrays: Sequence[Array]) -> list[Array]:
        return [arrays[0].reshape(shape)]

    return replace(node.step("layout", inputs=[value], rearrange=run), outputs=(output,), shapes=(shape,))


def _named(node: Node, value: str, output: str, shape: tuple[int, ...], *, gain: Array, axis: int, norm: str) -> Step:
    step = node.step("scale", inputs=[value], attributes={"axis": axis, "norm": norm}, gain=gain)
    return replace(step, outputs=(output,), shapes=(shape,))
