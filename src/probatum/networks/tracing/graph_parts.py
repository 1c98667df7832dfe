"""The layered graph, put together from what a walk over a trace has found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from probatum.networks.layered_graph import Concatenation, Layer, LayeredGraph, LayerKind
from probatum.networks.tracing.edges import Edges, KernelNorm
from probatum.networks.tracing.finished_values import finished_values
from probatum.networks.tracing.notes import Notes
from probatum.networks.tracing.painting import Gains
from probatum.networks.tracing.reading import Reading
from probatum.networks.tracing.side_by_side import Joined, concatenation
from probatum.networks.tracing.step import Trace
from probatum.networks.tracing.unit_numbers import Owners

NOT_READ = "no weights read this input"
USED_BOTH_WAYS = "these weights look words up and are a dense layer too; a shuffle deals with each use apart"


def graph_of_parts(
    trace: Trace,
    *,
    owners: Owners,
    readings: Sequence[Reading],
    folds: Mapping[str, Gains],
    joined: Sequence[Joined],
    painted: Collection[str],
    notes: Notes,
    kernel_norm: KernelNorm,
) -> LayeredGraph:
    """Return the graph: input layers that something reads, the layers of the readings, and blocks between them."""
    finished = finished_values(trace, {reading.step.outputs[0]: reading.layer for reading in readings}, painted)
    layers = (*_inputs(trace, owners, readings), *(_layer(reading, finished) for reading in readings))
    _note_the_rest(trace, layers, readings, notes)
    edges = Edges(owners=owners, norm=kernel_norm)
    return LayeredGraph(
        name=trace.name,
        layers=layers,
        blocks=tuple(block for reading in readings for block in edges.blocks(reading, folds.get(reading.layer))),
        concatenations=_concatenations(joined, owners, layers),
        notes=notes.sentences(),
    )


def _inputs(trace: Trace, owners: Owners, readings: Sequence[Reading]) -> list[Layer]:
    """Return a layer for each input that weights read, words included."""
    made = {reading.layer for reading in readings}
    return [
        Layer(name=name, units=units, kind="input", output=name if name in trace.inputs else None)
        for name, units in zip(owners.names, owners.units, strict=True)
        if units and name not in made
    ]


def _layer(reading: Reading, finished: Mapping[str, str]) -> Layer:
    weight = np.asarray(reading.step.constants["weight"], np.float32)
    kind: LayerKind = reading.step.operation  # type: ignore[assignment]  # a reading's step is one of the three
    return Layer(
        name=reading.layer,
        units=reading.units,
        kind=kind,
        tensor=reading.tensor,
        weights=weight.T if kind == "embedding" else weight,
        groups=int(reading.step.attributes.get("groups", 1)),
        output=finished[reading.layer],
    )


def _note_the_rest(trace: Trace, layers: Sequence[Layer], readings: Sequence[Reading], notes: Notes) -> None:
    for name in trace.inputs:
        if name not in {layer.name for layer in layers}:
            notes.add(NOT_READ, name)
    ways: dict[str, set[bool]] = {}
    for reading in readings:
        ways.setdefault(reading.tensor, set()).add(reading.step.operation == "embedding")
    for tensor, used in ways.items():
        if len(used) > 1:
            notes.add(USED_BOTH_WAYS, tensor)


def _concatenations(joined: Sequence[Joined], owners: Owners, layers: Sequence[Layer]) -> tuple[Concatenation, ...]:
    inputs = {layer.name for layer in layers if layer.kind == "input"}
    known = {layer.name for layer in layers}
    found = [concatenation(one, owners, inputs) for one in joined]
    return tuple(one for one in found if one is not None and {part[0] for part in one.parts} <= known)
