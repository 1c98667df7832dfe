"""ONNX operators with weights: dense layers, convolutions, embeddings, and products of two computed matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from probatum.networks.tracing.onnx_layout import rearranged
from probatum.networks.tracing.onnx_nodes import Node
from probatum.networks.tracing.step import Array, Step


def dense(node: Node) -> list[Step]:
    """Rule for Gemm: alpha A' B' + beta C with fixed B."""
    if node.constant(0) is not None or node.attributes.get("transA"):
        raise node.error("only a product of the input with a fixed matrix on its right has a rule")
    matrix = node.needed(1, "its matrix")
    if node.name(2):
        node.needed(2, "what it adds")
    weight = np.float32(node.attributes.get("alpha", 1.0)) * (matrix if node.attributes.get("transB") else matrix.T)
    return [_weighted(node, 1, _single(weight))]


def matrix_product(node: Node) -> list[Step]:
    """Rule for MatMul: a dense layer where one side is fixed."""
    if len(node.values) == 2:
        return [node.step("product", inputs=tuple(node.proto.input))]
    position = 0 if node.constant(0) is not None else 1
    matrix = node.needed(position, "its matrix")
    if matrix.ndim != 2:
        raise node.error(f"a fixed array of shape {matrix.shape} has no rule; only a matrix has")
    if position == 1:
        return [_weighted(node, 1, _single(matrix.T))]
    return _from_the_left(node, _single(matrix))


def convolution(node: Node) -> list[Step]:
    """Rule for a convolution of any number of axes and groups."""
    return [_convolution(node, _single(node.needed(1, "its kernel")))]


def transposed_convolution(node: Node) -> list[Step]:
    """Rule for a transposed convolution: its kernel stands as (inputs, outputs in each group, ...)."""
    kernel = _single(node.needed(1, "its kernel"))
    groups = node.attributes.get("group", 1)
    parts = [part.swapaxes(0, 1) for part in np.split(kernel, groups)]
    return [_convolution(node, np.concatenate(parts))]


def gathered(node: Node) -> list[Step]:
    """Rule for Gather: fixed indices move elements, computed ones look words up in a fixed table."""
    table = node.constant(0)
    if table is None:
        return rearranged(node)
    if table.ndim != 2 or node.attributes.get("axis", 0) != 0:
        raise node.error(f"looking up along axis {node.attributes.get('axis', 0)} of a table of shape {table.shape}")
    return [_weighted(node, 0, _single(table), inputs=[node.name(1)])]


def _convolution(node: Node, kernel: Array) -> Step:
    return _weighted(node, 1, kernel, attributes={"groups": int(node.attributes.get("group", 1))})


def _weighted(
    node: Node,
    position: int,
    weight: Array,
    *,
    inputs: Sequence[str] | None = None,
    attributes: Mapping[str, int] | None = None,
) -> Step:
    """Return the step of the weights that stand at this position of the node's inputs."""
    name = node.name(position)
    kind = "embedding" if position == 0 else "convolution" if attributes else "dense"
    return node.step(
        kind,  # type: ignore[arg-type]
        inputs=[node.name(0)] if inputs is None else inputs,
        tensors={"weight": node.origins.get(name, name)},
        attributes=attributes,
        weight=np.ascontiguousarray(weight),
    )


def _from_the_left(node: Node, matrix: Array) -> list[Step]:
    """A fixed matrix on the left acts on the last axis but one: turned, multiplied, turned back."""
    output = str(node.proto.output[0])
    shape = node.output_types[output][1]
    before = node.shapes[node.name(1)]
    if len(before) < 2:
        raise node.error(f"a fixed matrix times a vector of shape {before} has no batch axis")

    def swap(arrays: Sequence[Array]) -> list[Array]:
        return [arrays[0].swapaxes(-1, -2)]

    turned, made = f"{output}#turned", f"{output}#made"
    layout = node.step("layout", inputs=[node.name(1)], rearrange=swap)
    weights = replace(
        _weighted(node, 0, matrix, inputs=[turned]), operation="dense", outputs=(made,), shapes=(_swapped(shape),)
    )
    return [
        replace(layout, outputs=(turned,), shapes=(_swapped(before),)),
        weights,
        replace(layout, inputs=(made,), outputs=(output,), shapes=(shape,)),
    ]


def _swapped(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape[:-2], shape[-1], shape[-2])


def _single(array: Array) -> Array:
    return np.asarray(array, np.float32)
