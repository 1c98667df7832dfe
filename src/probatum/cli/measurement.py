"""One method applied to networks from files: what was asked for, read and measured."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from probatum.cli.method_options import MODEL, parameters, refuse_missing
from probatum.cli.methods import takes_many
from probatum.errors import ProbatumError
from probatum.progress import advance
from probatum.result import Result

if TYPE_CHECKING:
    from probatum.networks.layered_graph import LayeredGraph
    from probatum.networks.load_network import LoadedNetwork

Edges = Literal["weights", "correlation", "jacobian"]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was asked for: `models` as they were written, `keywords` for the method besides the model itself.

    `edges`: what a graph's edges are, the sizes of weights or, on `pictures`, correlations of activations or mean
    derivatives. `convolutions`: only edges between them. `rescaled`: see `probatum.networks.rescaling`.
    """

    method: Callable[..., Result]
    models: tuple[str, ...]
    keywords: Mapping[str, Any]
    edges: Edges = "weights"
    pictures: Any = None
    input_shape: tuple[int, ...] | None = None
    kernel_norm: Literal["l1", "l2"] = "l1"
    convolutions: bool = False
    rescaled: bool = False
    images: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What came out: the networks that were read, the result, and warnings that were given on the way."""

    networks: tuple[LoadedNetwork, ...]
    result: Result
    warnings: tuple[str, ...]


def run(wanted: Measurement) -> Measured:
    """Read the networks and apply the method to them.

    Raises `ProbatumError` with the method's own words for what it refuses, and for several networks where the
    method takes one.
    """
    name = wanted.method.__name__
    if len(wanted.models) > 1 and not takes_many(wanted.method):
        raise ProbatumError(f"{name} measures one network; {len(wanted.models)} were given")
    with warnings.catch_warnings(record=True) as caught:
        try:
            networks = tuple(_read(wanted, model) for model in wanted.models)
        except ValueError as error:
            raise ProbatumError(f"{', '.join(wanted.models)}: {error}") from error
        keywords = dict(wanted.keywords)
        if MODEL in parameters(wanted.method) and networks[0].model is not None:
            keywords[MODEL] = networks[0].model
        refuse_missing(wanted.method, keywords)
        graphs = tuple(network.graph for network in networks)
        try:
            result = wanted.method(graphs if takes_many(wanted.method) else graphs[0], **keywords)
        except ValueError as error:
            raise ProbatumError(f"{name}: {error}") from error
    said = dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning | RuntimeWarning))
    return Measured(networks=networks, result=result, warnings=tuple(said))


def _read(wanted: Measurement, model: str) -> LoadedNetwork:
    from probatum.networks.load_network import load_network

    advance(0, 0, f"reading {model}")
    loaded = load_network(model, input_shape=wanted.input_shape, kernel_norm=wanted.kernel_norm)
    return replace(loaded, graph=_graph(wanted, model, loaded))


def _graph(wanted: Measurement, model: str, loaded: LoadedNetwork) -> LayeredGraph:
    graph = loaded.graph
    if wanted.rescaled:
        from probatum.networks.rescaling import rescaled

        graph = rescaled(graph)
    if wanted.edges != "weights":
        graph = _activation_graph(wanted, model, replace(loaded, graph=graph))
    try:
        return graph.convolutions() if wanted.convolutions else graph
    except ValueError as error:
        raise ProbatumError(f"--convolutions: no convolution of {model} reads another one") from error


def _activation_graph(wanted: Measurement, model: str, loaded: LoadedNetwork) -> LayeredGraph:
    if loaded.model is None:
        raise ProbatumError(f"--edges {wanted.edges}: {model} holds weights alone and cannot be run")
    if wanted.pictures is None:
        raise ProbatumError(f"--edges {wanted.edges}: give what to run the network on: --images FILE.npz")
    from probatum.networks.activation_edges import correlation_graph, jacobian_graph
    from probatum.networks.activations import unit_activations

    advance(0, 0, f"running {model}")
    if wanted.edges == "correlation":
        return correlation_graph(loaded.graph, unit_activations(loaded.model, loaded.graph, wanted.pictures))
    return jacobian_graph(loaded.model, loaded.graph, wanted.pictures)
