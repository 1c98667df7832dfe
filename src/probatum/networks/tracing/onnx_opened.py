"""An ONNX model opened up: values inside become outputs, factors of values become inputs, the batch becomes free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError
from probatum.networks.tracing.onnx_files import read_onnx

BATCH = "batch"


def opened(
    path: Path,
    *,
    read: Sequence[str],
    masked: Sequence[str],
    shapes: Mapping[str, tuple[int, ...]],
    input_shape: Sequence[int],
    any_batch: bool,
) -> bytes:
    """Return the model of this file, changed, as the bytes that a runtime reads.

    `read`: values that become outputs, behind the first output. `masked`: values that are multiplied by a new input,
    named `mask_name(value)`. `shapes`: of all values. `any_batch`: leave the first axis of the input open. Raises
    `ProbatumError` for a model of more than 2 GB.
    """
    import onnx

    model = read_onnx(path)
    graph = model.graph
    known = {tensor.name for tensor in graph.initializer}
    entry = next(entry for entry in graph.input if entry.name not in known)
    inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    types = {info.name: info.type.tensor_type.elem_type for info in (*inferred, entry)}
    for value in masked:
        _multiply(graph, value, types.get(value, onnx.TensorProto.FLOAT), len(shapes[value]))
    if any_batch:
        _open_reshapes(graph)
    _set_shape(entry, input_shape, any_batch)
    first = graph.output[0].name
    del graph.value_info[:], graph.output[:]
    graph.output.extend([onnx.ValueInfoProto(name=name) for name in dict.fromkeys([first, *read])])
    try:
        return bytes(model.SerializeToString())
    except ValueError as error:
        raise ProbatumError(f"{path}: more than 2 GB of weights cannot be run here ({error})") from error


def mask_name(value: str) -> str:
    """Name of the input by which a value is multiplied."""
    return f"{value}#mask"


def _set_shape(entry: Any, sizes: Sequence[int], any_batch: bool) -> None:
    for place, (axis, size) in enumerate(zip(entry.type.tensor_type.shape.dim, sizes, strict=True)):
        axis.Clear()
        if place == 0 and any_batch:
            axis.dim_param = BATCH
        else:
            axis.dim_value = size


def _open_reshapes(graph: Any) -> None:
    """Let a reshape to a batch of one keep whatever batch it is given: zero stands for that."""
    from onnx import numpy_helper

    known = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[1] in known:
            target = numpy_helper.to_array(known[node.input[1]]).copy()
            if target.size and target[0] == 1 and (target != 0).all():
                target[0] = 0
                for attribute in [found for found in node.attribute if found.name == "allowzero"]:
                    node.attribute.remove(attribute)
                name = f"{node.output[0]}#shape"
                graph.initializer.append(numpy_helper.from_array(target, name))
                node.input[1] = name


def _multiply(graph: Any, value: str, kind: int, axes: int) -> None:
    """Let everything that reads the value read its product with a new input."""
    from onnx import helper

    mask, whole = mask_name(value), f"{value}#whole"
    graph.input.append(helper.make_tensor_value_info(mask, kind, [f"{mask}{axis}" for axis in range(axes)]))
    makers = [place for place, node in enumerate(graph.node) if value in node.output]
    if makers:
        node = graph.node[makers[0]]
        node.output[:] = [whole if name == value else name for name in node.output]
        graph.node.insert(makers[0] + 1, helper.make_node("Mul", [whole, mask], [value]))
        return
    for node in graph.node:
        node.input[:] = [whole if name == value else name for name in node.input]
    graph.node.insert(0, helper.make_node("Mul", [value, mask], [whole]))
