"""From a trace to a layered graph: walk over the operations once, paint each value, note what each weight reads.

The graph is that of Filan et al. 2021, "Clusterability in Neural Networks", for any network: residual sums give tied
copies of one weight, concatenations blocks side by side, and what no edge can stand for is noted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from probatum.networks.layered_graph import LayeredGraph
from probatum.networks.tracing.edges import KernelNorm
from probatum.networks.tracing.graph_parts import graph_of_parts
from probatum.networks.tracing.notes import Notes
from probatum.networks.tracing.painting import NOBODY, Gains, Painting, Term, along_axis, compact, elements
from probatum.networks.tracing.reading import Reading, feature_axis, rows_of
from probatum.networks.tracing.side_by_side import Joined, joined
from probatum.networks.tracing.step import Step, Trace
from probatum.networks.tracing.unit_flow import RULES, Flow, gain_of
from probatum.networks.tracing.unit_numbers import UnitNumbers
from probatum.networks.tracing.word_inputs import word_inputs

WEIGHTS = ("dense", "convolution", "embedding")
NO_EDGES_IN = "these weights read only constants, scores or statistics, so no edge leads to their units"
SOME_EDGES_IN = "some inputs of these weights are constants, scores or statistics, and no edge comes from them"


def layered_graph_of(trace: Trace, *, kernel_norm: KernelNorm = "l1") -> LayeredGraph:
    """Return the graph of the units of a traced model.

    `kernel_norm`: how the weights behind one edge (the positions of a kernel, the pixels of a flattened picture) make
    its size: their sum of sizes, or the root of their sum of squares. Batch norm is folded into the weights right
    before it; any other fixed gain scales the edges of whatever reads it. Raises `ProbatumError` where an input of a
    weight has no single unit, and `ValueError` for weights that are not finite and for a model without weights.
    """
    if kernel_norm not in ("l1", "l2"):
        raise ValueError(f"kernel_norm {kernel_norm!r}: give 'l1' or 'l2'")
    walk = _begin(trace)
    left = Counter(name for step in trace.steps for name in step.inputs)
    for step in trace.steps:
        _take(step, walk)
        for name in step.inputs:
            left[name] -= 1
            if not left[name]:  # the painting of a picture is large, and nobody reads it any more
                walk.paintings.pop(name, None)
    return graph_of_parts(
        trace,
        owners=walk.flow.numbers.owners(),
        readings=walk.readings,
        folds=walk.folds,
        joined=walk.joined,
        painted=walk.painted,
        notes=walk.flow.notes,
        kernel_norm=kernel_norm,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Walk:
    """What is known so far. `raw`: values that are the units of a layer as its weights made them, read once."""

    flow: Flow
    paintings: dict[str, Painting]
    words: dict[str, str]
    reads: Counter[str]
    readings: list[Reading] = field(default_factory=list)
    raw: dict[str, Reading] = field(default_factory=dict)
    folds: dict[str, Gains] = field(default_factory=dict)
    joined: list[Joined] = field(default_factory=list)
    painted: set[str] = field(default_factory=set)


def _begin(trace: Trace) -> _Walk:
    words = word_inputs(trace)
    numbered = {name: shape for name, shape in trace.inputs.items() if name not in words.values()}
    numbers = UnitNumbers(numbered)
    starts = dict(zip(numbered, numbers.starts, strict=True))
    reads = Counter([*trace.outputs, *(name for step in trace.steps for name in step.inputs)])
    return _Walk(
        flow=Flow(shapes=dict(trace.inputs), numbers=numbers, notes=Notes()),
        paintings={name: (elements(starts[name], shape),) for name, shape in numbered.items()},
        words=words,
        reads=reads,
        painted=set(numbered),
    )


def _take(step: Step, walk: _Walk) -> None:
    """Paint the outputs of one step."""
    paintings = [walk.paintings.get(name, ()) for name in step.inputs]
    if step.operation in WEIGHTS:
        made = [_read(step, paintings, walk)]
    elif _folds(step, paintings, walk):
        made = [paintings[0]]
    else:
        made = [*RULES[step.operation](step, paintings, walk.flow)]
        if step.operation == "layout" and len(step.outputs) == 1:
            _after_layout(step, made[0], walk)
    for name, shape, painting in zip(step.outputs, step.shapes, made, strict=True):
        walk.flow.shapes[name] = shape
        walk.paintings[name] = painting
        if painting:
            walk.painted.add(name)


def _read(step: Step, paintings: list[Painting], walk: _Walk) -> Painting:
    """Number the units of a weight, note what it reads, and paint its output with them."""
    numbers = walk.flow.numbers
    rows = _words(step, walk) if step.operation == "embedding" else _rows(step, paintings[0], walk)
    shape = step.shapes[0]
    axis = 1 if step.operation == "convolution" else len(shape) - 1
    name = numbers.unused(layer_name(step))
    first = numbers.add(name, shape[axis])
    reading = Reading(step=step, layer=name, rows=rows)
    walk.readings.append(reading)
    _stay_raw(step, reading, walk)
    return (along_axis(first, shape, axis),)


def layer_name(step: Step) -> str:
    """Name a layer after its weight tensor, `features.0` for `features.0.weight`, or else after its place."""
    tensor, bracket, how = step.tensors.get("weight", "").partition(" (")  # "attention.in_proj_weight (split)"
    name = tensor.removesuffix("weight").rstrip("._") or tensor
    return f"{name}{bracket}{how}" or step.place or step.outputs[0]


def _rows(step: Step, painting: Painting, walk: _Walk) -> tuple[Term, ...]:
    axis = feature_axis(step, len(walk.flow.shapes[step.inputs[0]]))
    rows = rows_of(painting, axis=axis, step=step, numbers=walk.flow.numbers)
    known = np.any([row.units != NOBODY for row in rows], axis=0)
    if not known.any():
        walk.flow.note(NO_EDGES_IN, step)
    elif not known.all():
        walk.flow.note(SOME_EDGES_IN, step)
    return rows


def _words(step: Step, walk: _Walk) -> tuple[Term, ...]:
    """The input of an embedding has a unit for each word; embeddings of one input share them."""
    numbers, words = walk.flow.numbers, len(step.constants["weight"])
    name = walk.words[step.inputs[0]]
    if name in numbers.names and numbers.size(name) != words:
        name = numbers.unused(name)
    if name not in numbers.names:
        numbers.add(name, words)
    first = numbers.start(name)
    return (Term(units=np.arange(first, first + words)),)


def _folds(step: Step, paintings: list[Painting], walk: _Walk) -> bool:
    """Fold a batch norm into the weights right before it, if it gives each of their units one gain."""
    reading = walk.raw.get(step.inputs[0]) if step.attributes.get("norm") == "batch" else None
    if reading is None or len(paintings[0]) != 1:
        return False
    units, gain = np.broadcast_arrays(compact(paintings[0][0].units), np.abs(gain_of(step)))
    places = units - walk.flow.numbers.start(reading.layer)
    fold = np.ones(reading.units, np.float32)
    if (units == NOBODY).any():
        return False
    fold[places] = gain
    if (fold[places] != gain).any():
        return False
    walk.folds[reading.layer] = walk.folds.get(reading.layer, np.float32(1)) * fold
    _stay_raw(step, reading, walk)
    return True


def _stay_raw(step: Step, reading: Reading | None, walk: _Walk) -> None:
    """Remember that a value is still what the weights made, if only one step reads it."""
    if reading is not None and walk.reads[step.outputs[0]] == 1:
        walk.raw[step.outputs[0]] = reading


def _after_layout(step: Step, painting: Painting, walk: _Walk) -> None:
    if len(step.inputs) == 1:
        _stay_raw(step, walk.raw.get(step.inputs[0]), walk)
        return
    taken = {one.name for one in walk.joined}
    name = step.place if step.place and step.place not in taken else step.outputs[0]
    found = joined(name, painting, walk.flow.numbers)
    if found is not None:
        walk.joined.append(found)
