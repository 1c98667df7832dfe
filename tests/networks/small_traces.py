"""Traces written by hand, step by step, for the tests of the walk: no torch, no ONNX."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from probatum.networks.tracing.step import Step, Trace
from probatum.networks.tracing.walk import layered_graph_of

RNG = np.random.default_rng(0)


def weights(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def step(operation, inputs, output, shape, **more):
    inputs = inputs.split()
    more.setdefault("place", output)
    return Step(
        operation=operation,
        operator=f"test.{operation}",
        inputs=tuple(inputs),
        outputs=(output,),
        shapes=(shape,),
        **more,
    )


def dense(inputs, output, weight, *, places=()):
    shape = (1, *places, len(weight))
    return step("dense", inputs, output, shape, constants={"weight": weight}, tensors={"weight": f"{output}.weight"})


def convolution(inputs, output, weight, *, groups=1, positions=(4, 4)):
    return step(
        "convolution",
        inputs,
        output,
        (1, len(weight), *positions),
        constants={"weight": weight},
        tensors={"weight": f"{output}.weight"},
        attributes={"groups": groups},
    )


def layout(inputs, output, shape, move):
    return step("layout", inputs, output, shape, rearrange=lambda arrays: [move(*arrays)])


def scale(inputs, output, shape, gain, *, axis=1, norm="layer"):
    return step("scale", inputs, output, shape, constants={"gain": gain}, attributes={"axis": axis, "norm": norm})


def graph(*steps, kernel_norm="l1", **inputs):
    trace = Trace(name="test", inputs=inputs, steps=steps, outputs=(steps[-1].outputs[-1],))
    return layered_graph_of(trace, kernel_norm=kernel_norm)


def matrix(of, source, target):
    """All edges from one layer to another, dense."""
    sizes = {layer.name: layer.units for layer in of.layers}
    whole = np.zeros((sizes[source], sizes[target]))
    for block in of.blocks:
        if (block.source, block.target) == (source, target):
            part = np.asarray(block.weights.todense() if sparse.issparse(block.weights) else block.weights)
            rows, columns = part.shape
            whole[block.source_start :, block.target_start :][:rows, :columns] += part
    return whole


def pairs(of):
    return [(block.source, block.target) for block in of.blocks]


def side_by_side(*arrays):
    return np.concatenate(arrays, axis=1)
