"""ONNX operators that move elements and change none: the operator itself, run on whatever stands in their place.

What such an operator adds of its own (the margin of a pad, a fixed token put beside the input) is filled with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from probatum.networks.tracing.onnx_nodes import Node
from probatum.networks.tracing.step import Array, Step

MOVING = """DepthToSpace Expand Flatten GatherElements GatherND Pad Reshape Slice SpaceToDepth Split
    Squeeze Tile Transpose Unsqueeze"""
FIRST_INPUT = tuple(MOVING.split())  # operators whose first input is moved, and whose others say how


def rearranged(node: Node) -> list[Step]:
    """Rule for reshape, transpose, slice, concatenate and their like."""
    moved = set(node.proto.input) if node.operator == "Concat" else {node.name(0)}
    for position, name in enumerate(node.proto.input):
        if name and name not in moved:
            node.needed(position, "how elements are moved")
    if not node.values:
        raise node.error("what it moves is fixed, but how is computed from the input; there is no rule for that")
    zeros = {name for name in moved if name in node.constants}
    if node.operator == "Pad" and node.name(2):
        zeros.add(node.name(2))

    def run(arrays: Sequence[Array]) -> list[Array]:
        given = dict(zip(dict.fromkeys(node.values), arrays, strict=True))
        kind = arrays[0].dtype
        given |= {name: np.zeros(node.constants[name].shape, kind) for name in zeros}
        return node.compute(given)

    return [
        node.step("layout", inputs=tuple(dict.fromkeys(node.values)), outputs=len(node.proto.output), rearrange=run)
    ]


def resized(node: Node) -> list[Step]:
    """Rule for resize: each position shows the nearest one before, whose channels are the same."""
    name = node.name(0)
    for position in range(1, len(node.proto.input)):
        if node.name(position):
            node.needed(position, "the new size")
    before, after = node.shapes[name], node.output_types[node.proto.output[0]][1]

    def run(arrays: Sequence[Array]) -> list[Array]:
        made = arrays[0]
        for axis, (old, new) in enumerate(zip(before, after, strict=True)):
            made = np.take(made, np.arange(new) * old // new, axis=axis)
        return [made]

    return [node.step("layout", inputs=[name], rearrange=run)]
