"""The layered graph of a torch model: any `nn.Module` that torch.export can follow.

After Filan et al. 2021, "Clusterability in Neural Networks", whose graphs were made layer type by layer type; here
the operators that the model runs are followed one by one.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from probatum.networks.layered_graph import LayeredGraph
from probatum.networks.tracing.step import Step, Trace
from probatum.networks.tracing.torch_calls import Call
from probatum.networks.tracing.torch_operators import rule, short_name
from probatum.networks.tracing.torch_program import torch_program
from probatum.networks.tracing.walk import layered_graph_of

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.export import ExportedProgram
    from torch.fx import Node


def graph_from_torch(
    model: nn.Module, inputs: tuple[Tensor, ...] | Tensor, *, kernel_norm: Literal["l1", "l2"] = "l1"
) -> LayeredGraph:
    """Return the layered graph of a torch model.

    `inputs`: what the model is called with, of the right shapes (with a batch axis); the values do not matter.
    `kernel_norm`: how the weights behind one edge make its size. The model is not changed: its modes come back as
    they were, and no gradient is computed. Raises `ProbatumError` naming the operator and its place where a model
    decides by its data what it computes, or has an operator without a rule; `ValueError` for weights that are not
    finite; `MissingExtra` without torch.
    """
    return layered_graph_of(trace_torch(model, inputs), kernel_norm=kernel_norm)


def trace_torch(model: nn.Module, inputs: tuple[Tensor, ...] | Tensor) -> Trace:
    """Return what the model computes, step by step; the names of values are those of `torch_program`'s nodes."""
    return trace_of_program(torch_program(model, inputs), name=type(model).__name__)


def trace_of_program(program: ExportedProgram, *, name: str) -> Trace:
    """Return the steps of an exported program, constants folded; see `graph_from_torch` for errors."""
    import torch

    inputs, constants, tensors = _placeholders(program)
    steps: list[Step] = []
    with torch.no_grad():
        for node in program.graph.nodes:
            if node.op == "get_attr":
                constants[node] = getattr(program.graph_module, str(node.target))
            elif node.op == "call_function" and all(one in constants for one in node.all_input_nodes):
                constants[node] = _computed(node, constants)
                tensors[node] = _derived_name(node, tensors)
            elif node.op == "call_function":
                steps += _steps(node, constants, tensors)
    (last,) = (node for node in program.graph.nodes if node.op == "output")
    outputs = tuple(node.name for node in last.all_input_nodes if node not in constants)
    return Trace(name=name, inputs=inputs, steps=tuple(steps), outputs=outputs)


def _placeholders(program: ExportedProgram) -> tuple[dict[str, tuple[int, ...]], dict[Node, Any], dict[Node, str]]:
    """Return the inputs with their shapes, the known values, and the name of each parameter."""
    from torch import Tensor

    known = {**program.constants, **program.state_dict}
    names = _first_names(known)
    inputs, constants, tensors = {}, {}, {}
    nodes = [node for node in program.graph.nodes if node.op == "placeholder"]
    for node, spec in zip(nodes, program.graph_signature.input_specs, strict=True):
        if spec.target in known:
            constants[node] = known[spec.target]
            tensors[node] = names[spec.target]
        elif isinstance(node.meta["val"], Tensor):
            inputs[node.name] = tuple(node.meta["val"].shape)
        else:
            constants[node] = node.meta["val"]
    return inputs, constants, tensors


def _first_names(known: Mapping[str, Any]) -> dict[str, str]:
    """Return for each tensor the first name under which the model keeps it, alike for a weight with two names."""
    first: dict[object, str] = {}
    for name, value in known.items():
        first.setdefault(_identity(value), name)
    return {name: first[_identity(value)] for name, value in known.items()}


def _identity(value: Any) -> object:
    from torch import Tensor

    if isinstance(value, Tensor) and value.numel():
        return value.data_ptr(), tuple(value.shape), value.stride()
    return id(value)


def _computed(node: Node, constants: Mapping[Node, Any]) -> Any:
    """Compute a node that does not depend on the inputs."""
    from torch.fx.node import map_arg

    args, kwargs = map_arg((node.args, node.kwargs), constants.__getitem__)
    return node.target(*args, **kwargs)  # type: ignore[operator]  # of a call_function it is a function


def _derived_name(node: Node, tensors: Mapping[Node, str]) -> str:
    """Name what is computed from parameters after the first: a part of a tensor, or one turned, is not the tensor."""
    origins = [tensors[one].partition(" (")[0] for one in node.all_input_nodes if tensors.get(one)]
    return f"{origins[0]} ({node.name})" if origins else ""


def _steps(node: Node, constants: Mapping[Node, Any], tensors: Mapping[Node, str]) -> list[Step]:
    call = _call(node, constants, tensors)
    if node.target is operator.getitem:  # the parts of a call are outputs of its step, under the name of one taker
        first = _takers(node.args[0])[node.args[1]]
        return [] if first == node.name else [call.step("pointwise", inputs=[first])]
    if short_name(call.operator).startswith(("_assert", "sym_constrain")):
        return []
    made = rule(call)
    if any(not isinstance(size, int) for shape in call.shapes for size in shape):
        raise call.error(
            f"its shape {call.shapes[0]} depends on the data, so no fixed units stand behind it; measure the parts "
            "before and after it"
        )
    return made(call)


def _call(node: Node, constants: Mapping[Node, Any], tensors: Mapping[Node, str]) -> Call:
    stack = list(node.meta.get("nn_module_stack", {}).values())
    outputs = tuple(_outputs(node))
    return Call(
        node=node,
        operator=str(node.target),
        place=stack[-1][0] if stack else "",
        arguments=_arguments(node),
        constants=constants,
        tensors=tensors,
        outputs=tuple(name for name, _ in outputs),
        shapes=tuple(shape for _, shape in outputs),
    )


def _outputs(node: Node) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give name and shape of the node's value, or of each of its parts: those of the nodes that take them out."""
    value = node.meta.get("val")
    if not isinstance(value, list | tuple):
        yield node.name, tuple(getattr(value, "shape", ()))
        return
    takers = _takers(node)
    for number, part in enumerate(value):
        yield takers.get(number, f"{node.name}#{number}"), tuple(getattr(part, "shape", ()))


def _takers(node: Any) -> dict[Any, str]:
    """Return for each part of a node's value the name of the first node that takes it out."""
    taken = [(user.args[1], user.name) for user in node.users if user.target is operator.getitem]
    return dict(reversed(taken))


def _arguments(node: Node) -> dict[str, Any]:
    """Return the arguments by their names in the operator's schema, defaults filled in."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return {str(number): argument for number, argument in enumerate(node.args)}
    arguments = {argument.name: argument.default_value for argument in schema.arguments if argument.has_default_value()}
    names = [argument.name for argument in schema.arguments]
    return {**arguments, **dict(zip(names, node.args, strict=False)), **node.kwargs}
