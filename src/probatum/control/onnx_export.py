"""A learned policy as an ONNX model, for whoever acts without Python: normalisation, actor and classifier in one graph.

The graph is written node by node with operators of opset 17, which every runtime of the last years knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
import numpy.typing as npt

from probatum import __version__
from probatum.control.learning.actor import LIMIT, Actor, Layers
from probatum.control.playable import Playable
from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from probatum.control.environments.spaces import Spaces

OPSET, IR_VERSION = 17, 8


def export_onnx(policy: Playable, *, path: str | Path, facts: Mapping[str, str] | None = None) -> None:
    """Write the policy as an ONNX model that gives the actions of `LearnedPolicy.act` (float32, within 1e-5).

    Input `observation` (N, observation) float32, flat and not normalised. Output `action`: (N, *action shape) float32
    in the environment's own bounds, or (N,) int64, the environment's number of the choice. Output `score` (N,) float32,
    where there is a critic: the logit of success at that action, the smaller of the twins'. `facts` are kept as the
    model's metadata, beside the names of the columns and the bounds. Raises `MissingExtra` without the package onnx,
    `ProbatumError` where the file cannot be written.
    """
    try:
        import onnx
    except ImportError as error:
        raise MissingExtra("onnx", "onnx") from error
    spaces, actor, critic = policy.spaces, policy.actor, policy.critic
    graph = _Graph(onnx)
    seen = _normalised(graph, "observation", actor.mean, actor.scale, "actor")
    inside, outward = _action(graph, _layers(graph, seen, actor.weights, "actor"), actor, spaces)
    outputs = [outward]
    if critic is not None:
        seen = _normalised(graph, "observation", critic.mean, critic.scale, "critic")
        both = graph.add("Concat", [seen, inside], axis=1)
        logits = _layers(graph, both, critic.weights, "critic")
        smaller = graph.add("ReduceMin", [logits], axes=[0], keepdims=0)  # (twins, N, 1)
        graph.add("Reshape", [smaller, graph.constant("column", np.array([-1], np.int64))], output="score")
        outputs.append(graph.output("score", "FLOAT", ["N"]))
    data = graph.model(spaces, outputs, {"method": policy.method, **(facts or {})})
    _write(Path(path), data)


@final
class _Graph:
    """Nodes and constants of a model in the making."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], *, output: str = "", **attributes: Any) -> str:
        output = output or f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def output(self, name: str, kind: str, shape: Sequence[int | str]) -> Any:
        return self._onnx.helper.make_tensor_value_info(name, getattr(self._onnx.TensorProto, kind), list(shape))

    def model(self, spaces: Spaces, outputs: Sequence[Any], facts: Mapping[str, str]) -> bytes:
        helper = self._onnx.helper
        observation = self.output("observation", "FLOAT", ["N", spaces.observation])
        graph = helper.make_graph(self._nodes, "policy", [observation], list(outputs), self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="probatum",
            producer_version=__version__,
            doc_string="A policy: flat observations to actions, and the logit of success where it has a classifier.",
        )
        helper.set_model_props(model, {"columns": ", ".join(spaces.names), **facts})
        self._onnx.checker.check_model(model, full_check=True)
        data: bytes = model.SerializeToString()
        return data


def _normalised(graph: _Graph, observation: str, mean: npt.ArrayLike, scale: npt.ArrayLike, name: str) -> str:
    centred = graph.add("Sub", [observation, graph.constant(f"{name}.mean", mean)])
    scaled = graph.add("Div", [centred, graph.constant(f"{name}.scale", scale)])
    ends = [graph.constant(f"{name}.lowest", -LIMIT), graph.constant(f"{name}.highest", LIMIT)]
    return graph.add("Clip", [scaled, *ends])


def _layers(graph: _Graph, values: str, weights: Layers, name: str) -> str:
    for number, (weight, bias) in enumerate(weights):
        if number:
            values = graph.add("Relu", [values])
        shifts = bias if bias.ndim == 1 else bias[:, None]  # twins are multiplied as a stack
        product = graph.add("MatMul", [values, graph.constant(f"{name}.{number}.weight", weight)])
        values = graph.add("Add", [product, graph.constant(f"{name}.{number}.bias", shifts)])
    return values


def _action(graph: _Graph, heads: str, actor: Actor, spaces: Spaces) -> tuple[str, Any]:
    """The action as the critic takes it, and the output as the environment does."""
    if actor.discrete:
        choice = graph.add("ArgMax", [heads], axis=1, keepdims=0)
        first = graph.constant("first_choice", np.array(spaces.first_choice, np.int64))
        graph.add("Add", [choice, first], output="action")
        depth = graph.constant("choices", np.array(actor.action, np.int64))
        ends = graph.constant("off_and_on", np.array([0, 1], np.float32))
        return graph.add("OneHot", [choice, depth, ends], axis=1), graph.output("action", "INT64", ["N"])
    starts, ends = (graph.constant(f"mean.{end}", [column]) for end, column in (("start", 0), ("end", actor.action)))
    means = graph.add("Slice", [heads, starts, ends, graph.constant("mean.axis", [1])])
    inside = graph.add("Tanh", [means])
    low, high = spaces.action_low, spaces.action_high
    scaled = graph.add("Mul", [inside, graph.constant("action.half", ((high - low) / 2).astype(np.float32))])
    moved = graph.add("Add", [scaled, graph.constant("action.middle", ((low + high) / 2).astype(np.float32))])
    above = graph.add("Max", [moved, graph.constant("action.low", low.astype(np.float32))])
    within = graph.add("Min", [above, graph.constant("action.high", high.astype(np.float32))])
    shape = graph.constant("action.shape", np.array([-1, *spaces.action_shape], np.int64))
    graph.add("Reshape", [within, shape], output="action")
    return inside, graph.output("action", "FLOAT", ["N", *spaces.action_shape])


def _write(path: Path, data: bytes) -> None:
    half = path.with_name(f".{path.name}.part")
    try:
        half.write_bytes(data)
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ProbatumError(f"{path}: the model cannot be written ({error.strerror or error})") from error
