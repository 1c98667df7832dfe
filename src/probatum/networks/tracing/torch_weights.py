"""Torch operators with weights: dense layers, convolutions, embeddings, and products of two computed matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from probatum.networks.tracing.step import Array, Step
from probatum.networks.tracing.torch_calls import Call


def linear(call: Call) -> list[Step]:
    """Rule for a dense layer."""
    _refuse_computed(call, "bias")
    return [
        call.step("dense", inputs=call.values("input"), weight="weight", constants={"weight": call.array("weight")})
    ]


def addmm(call: Call) -> list[Step]:
    """Rule for a matrix product to which something is added."""
    left, right = ("mat1", "mat2") if "mat1" in call.arguments else ("batch1", "batch2")
    steps = _product(call, left, right)
    if not call.values("self"):
        return steps
    product = f"{call.outputs[0]}#product"
    return [
        *steps[:-1],
        replace(steps[-1], outputs=(product,)),
        call.step("pointwise", inputs=[product, *call.values("self")]),
    ]


def matmul(call: Call) -> list[Step]:
    """Rule for a matrix product: of two computed values, or a dense layer where one of them is fixed."""
    return _product(call, "self", "other" if "other" in call.arguments else "mat2")


def _product(call: Call, left: str, right: str) -> list[Step]:
    if len(call.shape(left)) < 2 or len(call.shape(right)) < 2:
        raise call.error(f"a product with a vector, of shapes {call.shape(left)} and {call.shape(right)}; use a matrix")
    if call.values(left) and call.values(right):
        return [call.step("product", inputs=(*call.values(left), *call.values(right)))]
    if call.values(left):
        return [
            call.step("dense", inputs=call.values(left), weight=right, constants={"weight": _matrix(call, right).T})
        ]
    return _from_the_left(call, left, right)


def _matrix(call: Call, name: str) -> Array:
    """Return a fixed matrix, without axes of size 1 before it."""
    shape = call.shape(name)
    if any(size != 1 for size in shape[:-2]):
        raise call.error(f"a product with a fixed array of shape {shape}; only one matrix for all has a rule")
    return call.array(name).reshape(shape[-2:])


def _from_the_left(call: Call, matrix: str, value: str) -> list[Step]:
    """A fixed matrix on the left acts on the last axis but one: turn, multiply, turn back."""

    def turn(arrays: Sequence[Array]) -> list[Array]:
        return [arrays[0].swapaxes(-1, -2)]

    turned, made = f"{call.outputs[0]}#turned", f"{call.outputs[0]}#made"
    layout = call.step("layout", inputs=call.values(value), rearrange=turn)
    dense = call.step("dense", inputs=[turned], weight=matrix, constants={"weight": _matrix(call, matrix)})
    return [
        replace(layout, outputs=(turned,), shapes=(_swapped(call.shape(value)),)),
        replace(dense, outputs=(made,), shapes=(_swapped(call.shapes[0]),)),
        replace(layout, inputs=(made,)),
    ]


def _swapped(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape[:-2], shape[-1], shape[-2])


def convolution(call: Call) -> list[Step]:
    """Rule for convolutions over 1 to 3 axes, transposed ones among them, in any number of groups."""
    _refuse_computed(call, "bias")
    groups = call.constant("groups")
    weight = call.array("weight")
    if "transpose" in call.operator or call.arguments.get("transposed"):
        weight = np.concatenate([part.swapaxes(0, 1) for part in np.split(weight, groups)])
    return [
        call.step(
            "convolution",
            inputs=call.values("input"),
            weight="weight",
            constants={"weight": weight},
            attributes={"groups": groups},
        )
    ]


def embedding(call: Call) -> list[Step]:
    """Rule for looking words up in a fixed table."""
    indices = call.values("indices")
    return [call.step("embedding", inputs=indices, weight="weight", constants={"weight": call.array("weight")})]


def attention(call: Call) -> list[Step]:
    """Rule for softmax(query key') value in one operator; masks make no unit."""
    inputs = [name for role in ("query", "key", "value") for name in call.values(role)]
    if len(inputs) == 1:
        inputs *= 3  # one value in all three places
    if len(inputs) != 3:
        raise call.error("query, key and value must all be computed from the model's input")
    return [call.step("attention", inputs=inputs)]


def _refuse_computed(call: Call, name: str) -> None:
    if call.values(name):
        raise call.error(f"its {name} is computed from the model's input; add it in an operation of its own")
