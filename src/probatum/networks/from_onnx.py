"""An ONNX model as a layered graph of units: its nodes as steps, constants computed, every size made definite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from probatum.errors import ProbatumError
from probatum.networks.from_arrays import KernelNorm
from probatum.networks.layered_graph import LayeredGraph
from probatum.networks.tracing.onnx_files import opset, read_onnx
from probatum.networks.tracing.onnx_names import WEIGHTED, WeightNames
from probatum.networks.tracing.onnx_nodes import BY_DATA, Node
from probatum.networks.tracing.onnx_operators import BY_SIZE, FOLDED, rule
from probatum.networks.tracing.step import Array, Step, Trace


def graph_from_onnx(
    path: str | Path, *, kernel_norm: KernelNorm = "l1", input_shape: tuple[int, ...] | None = None
) -> LayeredGraph:
    """Return the graph of the model in this file.

    `input_shape`: of the model's input with a batch of one, where the file leaves sizes other than the batch open.
    `kernel_norm`: how the weights of a kernel make the size of an edge, sum of sizes or root of the sum of squares.
    Raises `ProbatumError`, naming node and operator, for a file that is truncated or invalid, weights outside its
    folder, an operator without a rule, loops and conditions, and shapes that depend on the data.
    """
    return graph_of(trace_onnx(path, input_shape=input_shape), kernel_norm=kernel_norm)


def graph_of(trace: Trace, *, kernel_norm: KernelNorm = "l1") -> LayeredGraph:
    """Return the graph of a trace; a wrong weight is a fault of the file: `ProbatumError`."""
    from probatum.networks.tracing.walk import layered_graph_of

    try:
        graph: LayeredGraph = layered_graph_of(trace, kernel_norm=kernel_norm)
    except ValueError as error:
        raise ProbatumError(str(error)) from error
    return graph


def trace_onnx(path: str | Path, *, input_shape: tuple[int, ...] | None = None) -> Trace:
    """Return the steps of the model in this file; see `graph_from_onnx`."""
    file = Path(path)
    model = read_onnx(file)
    reading = _Reading(model, str(file), input_shape)
    for node in model.graph.node:
        reading.take(node)
    outputs = tuple(out.name for out in model.graph.output if out.name in reading.shapes)
    return Trace(name=file.stem, inputs=reading.inputs, steps=tuple(reading.steps), outputs=outputs)


class _Reading:
    """What is known so far: constants, shapes and element types by name."""

    def __init__(self, model: Any, file: str, input_shape: tuple[int, ...] | None) -> None:
        from onnx import numpy_helper

        self.file, self.opset = file, opset(model, file)
        try:
            self.constants: dict[str, Array] = {
                tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer
            }
        except (ValueError, TypeError, OverflowError) as error:
            raise ProbatumError(
                f"{file}: a weight tensor has not as many values as its shape says ({error})"
            ) from error
        if model.graph.sparse_initializer:
            raise ProbatumError(f"{file}: sparse weights are not read; export the model with dense ones")
        self.origins = {name: name for name in self.constants}
        self.names = WeightNames(list(self.constants))
        self.types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
        entries = [entry for entry in model.graph.input if entry.name not in self.constants]
        self.inputs = _input_shapes(entries, file, input_shape)
        self.shapes = dict(self.inputs)
        self.types |= {entry.name: entry.type.tensor_type.elem_type for entry in entries}
        self.steps: list[Step] = []

    def take(self, proto: Any) -> None:
        """Compute the node if all that it reads is known, else turn it into steps."""
        node = self._node(proto)
        make = rule(node)
        if node.operator in BY_SIZE:
            self._know(node, [BY_SIZE[node.operator](node)])
        elif not node.values and node.operator in FOLDED:
            if proto.input:
                node.check_size()
            self._know(node, node.compute({}))
        else:
            steps = make(node)
            self.steps += steps
            for name in {name for step in steps for name in step.outputs} & set(node.output_types):
                self.types[name], self.shapes[name] = node.output_types[name]

    def _node(self, proto: Any) -> Node:
        names = [name for name in dict.fromkeys(proto.input) if name]
        for name in names:
            if name not in self.constants and name not in self.shapes:
                raise ProbatumError(
                    f"{self.file}: {proto.op_type} at {proto.name!r} reads {name!r}, which nothing makes"
                )
        return Node(
            proto=proto,
            opset=self.opset,
            file=self.file,
            constants={name: self.constants[name] for name in names if name in self.constants},
            shapes={name: self.shapes[name] for name in names if name in self.shapes},
            types={name: self.types[name] for name in names},
            origins={name: self._named(name, proto) for name in names if name in self.origins},
        )

    def _named(self, constant: str, proto: Any) -> str:
        origin = self.origins[constant]
        return self.names.of(origin, proto) if proto.op_type in WEIGHTED else origin

    def _know(self, node: Node, made: list[Array]) -> None:
        from onnx import helper

        origins = [node.origins[name] for name in node.origins if node.constants[name].ndim >= 2]
        outputs = [name for name in node.proto.output if name]
        for name, array in zip(outputs, made, strict=True):
            self.constants[name] = array
            self.types[name] = helper.np_dtype_to_tensor_dtype(np.dtype(array.dtype))
            if len(origins) == 1:
                self.origins[name] = origins[0]


def _input_shapes(entries: list[Any], file: str, wanted: tuple[int, ...] | None) -> dict[str, tuple[int, ...]]:
    """Make every size definite: the batch is one, others come from `wanted`, also by the names of open sizes."""
    named: dict[str, int] = {}
    shapes = {}
    for number, entry in enumerate(entries):
        if not entry.type.tensor_type.HasField("shape"):
            raise ProbatumError(f"{file}: input {entry.name!r} is no tensor with a known number of axes")
        axes = list(entry.type.tensor_type.shape.dim)
        given = wanted if number == 0 else None
        if given is not None:
            _check_wanted(given, axes, entry.name, file)
            named |= {axis.dim_param: size for axis, size in zip(axes, given, strict=True) if axis.dim_param}
        shapes[entry.name] = tuple(
            given[place] if given is not None else _size(axis, place, named, entry.name, file)
            for place, axis in enumerate(axes)
        )
    return shapes


def _check_wanted(wanted: tuple[int, ...], axes: list[Any], name: str, file: str) -> None:
    fixed = [axis.dim_value if axis.HasField("dim_value") else (axis.dim_param or "?") for axis in axes]
    fits = len(wanted) == len(axes) and all(
        not isinstance(size, int) or size == given for size, given in zip(fixed, wanted, strict=True)
    )
    if not fits or (wanted and wanted[0] != 1):
        raise ProbatumError(f"{file}: input {name!r} has shape {fixed}, not {wanted}; the batch is one")


def _size(axis: Any, place: int, named: Mapping[str, int], name: str, file: str) -> int:
    if axis.HasField("dim_value") and axis.dim_value > 0:
        if place == 0 and axis.dim_value != 1:
            raise ProbatumError(
                f"{file}: input {name!r} has a fixed batch of {axis.dim_value}; export the model with a batch of one "
                "or an open one"
            )
        return int(axis.dim_value)
    if place == 0:
        return 1
    if axis.dim_param in named:
        return named[axis.dim_param]
    raise ProbatumError(
        f"{file}: axis {place} of input {name!r} ({axis.dim_param or 'no name'}) is open: {BY_DATA}; "
        "give an input shape, such as 1,3,224,224"
    )
