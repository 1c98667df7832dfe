"""The lines of Python that do the same as a `probatum measure` on the command line."""

from __future__ import annotations

from probatum.cli.measurement import Measurement
from probatum.cli.method_options import MODEL, PICTURES, parameters
from probatum.cli.methods import takes_many
from probatum.cli.picture_file import name_in_file

_ACTIVATIONS = {
    "correlation": "correlation_graph({graph}, unit_activations({network}.model, {graph}, {pictures}))",
    "jacobian": "jacobian_graph({network}.model, {graph}, {pictures})",
}
_NEEDS = {"correlation": ("correlation_graph", "unit_activations"), "jacobian": ("jacobian_graph",), "weights": ()}


def python_code(wanted: Measurement) -> str:
    """Return Python that reads the same networks and measures the same."""
    name, room = wanted.method.__name__, wanted.method.__module__.rpartition(".")[0]
    names = sorted({"load_network", *_NEEDS[wanted.edges], *(["rescaled"] if wanted.rescaled else [])})
    lines = ["import numpy as np", ""] if wanted.images else []
    lines += [f"from probatum.networks import {', '.join(names)}", f"from {room} import {name}", ""]
    lines += [f"data = np.load({str(wanted.images)!r})"] if wanted.images else []
    many = takes_many(wanted.method)
    numbers = [str(place) for place in range(1, len(wanted.models) + 1)] if len(wanted.models) > 1 else [""]
    for number, model in zip(numbers, wanted.models, strict=True):
        lines += _network(wanted, model, f"network{number}", f"graph{number}")
    subject = f"[{', '.join(f'graph{number}' for number in numbers)}]" if many else "graph"
    given = [f"{MODEL}=network{numbers[0]}.model"] if MODEL in parameters(wanted.method) else []
    for key, value in wanted.keywords.items():
        given.append(f"{key}={_array(wanted, key) if hasattr(value, 'dtype') else repr(value)}")
    return "\n".join([*lines, f"result = {name}({', '.join([subject, *given])})", "print(result.summary())"])


def _network(wanted: Measurement, model: str, network: str, graph: str) -> list[str]:
    given = [repr(model)]
    given += [f"input_shape={wanted.input_shape!r}"] if wanted.input_shape else []
    given += [f"kernel_norm={wanted.kernel_norm!r}"] if wanted.kernel_norm != "l1" else []
    lines = [f"{network} = load_network({', '.join(given)})", f"{graph} = {network}.graph"]
    if wanted.rescaled:
        lines.append(f"{graph} = rescaled({graph})")
    if wanted.edges != "weights":
        call = _ACTIVATIONS[wanted.edges]
        lines.append(f"{graph} = {call.format(graph=graph, network=network, pictures=_array(wanted, PICTURES[0]))}")
    if wanted.convolutions:
        lines.append(f"{graph} = {graph}.convolutions()")
    return lines


def _array(wanted: Measurement, parameter: str) -> str:
    stored = name_in_file(wanted.images, parameter) if wanted.images else None
    return "data" if stored is None else f"data[{stored!r}]"
