"""One node of an ONNX model with all that is known of its values: constants, shapes, and how to compute it alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from probatum.errors import ProbatumError
from probatum.networks.tracing.step import Array, Operation, Step

MOST_ELEMENTS = 2**28  # of one value that is computed here: 1 GB of float32
SAME_SHAPE = ("GroupNormalization", "MeanVarianceNormalization")
BY_DATA = "its size depends on the data"


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """A node whose inputs are constants (`constants`, by name) or values (`shapes`, by name; batch of one).

    `types`: number of the element type of every input. `origins`: initializer from which a constant comes.
    """

    proto: Any
    opset: int
    file: str
    constants: Mapping[str, Array]
    shapes: Mapping[str, tuple[int, ...]]
    types: Mapping[str, int]
    origins: Mapping[str, str]

    @property
    def operator(self) -> str:
        """Name of the operator, with its domain if that is not ONNX's own."""
        domain = str(self.proto.domain)
        return f"{domain}::{self.proto.op_type}" if domain not in ("", "ai.onnx") else str(self.proto.op_type)

    @property
    def place(self) -> str:
        """The node's name, or the value that it makes."""
        return str(self.proto.name or next(iter(self.proto.output), ""))

    @property
    def values(self) -> tuple[str, ...]:
        """Inputs that are no constants, in order."""
        return tuple(name for name in self.proto.input if name and name not in self.constants)

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """Attributes as Python values."""
        from onnx import helper

        return {item.name: helper.get_attribute_value(item) for item in self.proto.attribute}

    def name(self, position: int) -> str:
        """Name of the input at this position, empty where it is left out."""
        return str(self.proto.input[position]) if position < len(self.proto.input) else ""

    def constant(self, position: int) -> Array | None:
        """The input at this position, if it is a constant."""
        return self.constants.get(self.name(position))

    def error(self, what: str) -> ProbatumError:
        """An error at this node."""
        return ProbatumError(f"{self.file}: operator {self.operator} at {self.place!r}: {what}")

    def needed(self, position: int, what: str) -> Array:
        """Return the constant at this position; `ProbatumError` if it is none."""
        found = self.constant(position)
        if found is None:
            raise self.error(
                f"{what} ({self.name(position)!r}) is computed from the input; only fixed ones have a rule"
            )
        return found

    @cached_property
    def output_types(self) -> dict[str, tuple[int, tuple[int, ...]]]:
        """Element type and shape of every output by name, from ONNX's own shape inference."""
        import onnx

        known = {name: array for name, array in self.constants.items() if array.size <= 4096}
        types = {name: self._type(name) for name in dict.fromkeys(self.proto.input) if name}
        data = {name: onnx.numpy_helper.from_array(array, name) for name, array in known.items() if name in types}
        opsets = [onnx.helper.make_opsetid("", self.opset)]
        try:
            schema = onnx.defs.get_schema(self.proto.op_type, self.opset, self.proto.domain)
            found = onnx.shape_inference.infer_node_outputs(
                schema, self.proto, types, data, opset_imports=opsets, ir_version=10
            )
        except (onnx.shape_inference.InferenceError, onnx.defs.SchemaError, RuntimeError, ValueError) as error:
            raise self.error(f"its shapes do not fit ({str(error).splitlines()[0][:200]})") from error
        return {name: self._shape(name, made) for name, made in found.items() if name}

    def _type(self, name: str) -> Any:
        from onnx import helper

        shape = self.constants[name].shape if name in self.constants else self.shapes[name]
        return helper.make_tensor_type_proto(self.types[name], shape)

    def _shape(self, name: str, made: Any) -> tuple[int, tuple[int, ...]]:
        tensor = made.tensor_type
        if self.operator in SAME_SHAPE:  # of these ONNX infers none
            return self.types[self.name(0)], self.shapes.get(self.name(0)) or self.constants[self.name(0)].shape
        if not tensor.HasField("shape") or not all(axis.HasField("dim_value") for axis in tensor.shape.dim):
            raise self.error(f"the shape of {name!r} cannot be known before it runs: {BY_DATA}")
        return tensor.elem_type, tuple(axis.dim_value for axis in tensor.shape.dim)

    def check_size(self) -> None:
        """Refuse to compute what is larger than any weight: a small file can ask for it."""
        for name, (_, shape) in self.output_types.items():
            if math.prod(shape) > MOST_ELEMENTS:
                raise self.error(f"{name!r} of shape {shape} is too large to be computed")

    def compute(self, inputs: Mapping[str, Array]) -> list[Array]:
        """Run this node alone on numpy arrays, inputs by name; all others are taken from the constants."""
        import onnx
        from onnx.reference import ReferenceEvaluator

        names = [name for name in dict.fromkeys(self.proto.input) if name]
        feeds = {name: inputs[name] if name in inputs else self.constants[name] for name in names}
        outputs = [name for name in self.proto.output if name]
        graph = onnx.helper.make_graph(
            [self.proto],
            "one node",
            [onnx.helper.make_tensor_value_info(name, 1, None) for name in names],
            [onnx.helper.make_tensor_value_info(name, 1, None) for name in outputs],
        )
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", self.opset)])
        try:
            return [np.asarray(made) for made in ReferenceEvaluator(model).run(outputs, feeds)]
        except Exception as error:  # whatever numpy or onnx find wrong with a stranger's numbers
            raise self.error(f"cannot be computed ({str(error).splitlines()[:1]})") from error

    def step(
        self,
        operation: Operation,
        *,
        inputs: Sequence[str] | None = None,
        outputs: int = 1,
        rearrange: Callable[[Sequence[Array]], Sequence[Array]] | None = None,
        tensors: Mapping[str, str] | None = None,
        attributes: Mapping[str, Any] | None = None,
        **constants: Array,
    ) -> Step:
        """Make a step of this node that makes its first `outputs` outputs."""
        names = tuple(self.proto.output[:outputs])
        return Step(
            operation=operation,
            operator=self.operator,
            place=self.place,
            inputs=self.values if inputs is None else tuple(inputs),
            outputs=names,
            shapes=tuple(self.output_types[name][1] for name in names),
            constants=constants,
            tensors=tensors or {},
            attributes=attributes or {},
            rearrange=rearrange,
        )
