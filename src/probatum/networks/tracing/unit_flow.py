"""What each kind of operation without weights does to the paint: one rule for each, and a table of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from probatum.networks.tracing.notes import Notes
from probatum.networks.tracing.painting import (
    NOBODY,
    Gains,
    Painting,
    Term,
    collapsed,
    compact,
    cut,
    moved,
    repeated,
    scaled,
    spread,
    together,
)
from probatum.networks.tracing.step import Operation, Step
from probatum.networks.tracing.unit_numbers import UnitNumbers

MOST_SUMMED = 8  # units that a reduction may add up and still be a sum of units; of more it is a statistic

STATISTIC = "a mean, sum or maximum over the units of a layer is a statistic, and no edge goes through it"
COMPARED = "a product that sums over units, as of query and key, gives scores: these units get edges in and none out"


@dataclass(frozen=True, kw_only=True, eq=False)
class Flow:
    """What the rules share: the shape of every value met so far, the numbers of units, and the notes."""

    shapes: dict[str, tuple[int, ...]]
    numbers: UnitNumbers
    notes: Notes

    def note(self, sentence: str, step: Step) -> None:
        """Note the sentence for the place of a step."""
        self.notes.add(sentence, step.place or step.outputs[0])


Rule = Callable[[Step, Sequence[Painting], Flow], Sequence[Painting]]


def gain_of(step: Step) -> Gains:
    """Return the gain of a scale step, shaped to broadcast against the value."""
    gain = np.asarray(step.constants["gain"], np.float32)
    axis = step.attributes["axis"] % len(step.shapes[0])
    return gain.reshape(*gain.shape, *[1] * (len(step.shapes[0]) - axis - gain.ndim))


def _layout(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    if step.rearrange is None:
        raise ValueError(f"{step.operator} at {step.place!r}: a layout needs `rearrange`, the move of its elements")
    return moved(step.rearrange, paintings, [flow.shapes[name] for name in step.inputs])


def _pointwise(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    return [together(paintings, shape) for shape in step.shapes]


def _scale(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    return [tuple(scaled(spread(term, step.shapes[0]), gain_of(step)) for term in paintings[0])]


def _pool(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    axes = range(2, len(step.shapes[0]))
    kept = [collapsed(_united(term, axes, flow), axes) for term in paintings[0]]
    if None in kept:
        flow.note(STATISTIC, step)
    return [tuple(spread(term, shape) for term in kept if term is not None) for shape in step.shapes]


def _reduce(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    axes, shape = step.attributes["axes"], step.shapes[0]
    pools = len(shape) < len(flow.shapes[step.inputs[0]])  # a mean that keeps its axis is spread again: a statistic
    terms = [_united(term, axes, flow) if pools else term for term in paintings[0]]
    made = tuple(part for term in terms for part in _summands(term, axes, step, flow))
    return [tuple(term.reshaped(shape) for term in made) for shape in step.shapes]


def _summands(term: Term, axes: Sequence[int], step: Step, flow: Flow) -> Sequence[Term]:
    """Return the terms of a sum along `axes`: one, if a single unit made all, or one for each unit of a short sum."""
    mixed = []
    for axis in axes:
        smaller = collapsed(term, (axis,))
        if smaller is None:
            mixed.append(axis)
        else:
            term = smaller
    parts = list(islice(cut(term, mixed), MOST_SUMMED + 1))
    if len(parts) > MOST_SUMMED or _hold_a_layer(parts, flow):
        flow.note(STATISTIC, step)
        return []
    return parts


def _hold_a_layer(parts: Sequence[Term], flow: Flow) -> bool:
    """Say whether the first element of the sum is made by all units of some layer."""
    if len(parts) == 1:
        return False
    units = np.unique([int(part.units.flat[0]) for part in parts])
    units = units[units != NOBODY]
    layers, counts = np.unique(flow.numbers.layer(units), return_counts=True)
    names = [flow.numbers.names[layer] for layer in layers.tolist()]
    return any(count == flow.numbers.size(name) for name, count in zip(names, counts, strict=True))


def _product(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    left, right = paintings
    kept = [
        *_not_contracted(left, -1, step, flow, unite=not right),
        *_not_contracted(right, -2, step, flow, unite=not left),
    ]
    return [together([tuple(kept)], step.shapes[0])]


def _not_contracted(painting: Painting, axis: int, step: Step, flow: Flow, *, unite: bool) -> Painting:
    """Return the terms of a factor that pass a sum over `axis`: those with one unit all along it."""
    axes = [(axis + term.units.ndim,) for term in painting]
    terms = [_united(term, on, flow) if unite else term for term, on in zip(painting, axes, strict=True)]
    kept = [collapsed(term, on) for term, on in zip(terms, axes, strict=True)]
    if None in kept:
        flow.note(COMPARED, step)
    return tuple(term for term in kept if term is not None)


def _attention(step: Step, paintings: Sequence[Painting], flow: Flow) -> Sequence[Painting]:
    flow.note(COMPARED, step)
    value, shape = step.inputs[2], step.shapes[0]
    shared = shape[1] // flow.shapes[value][1] if len(shape) == 4 else 1  # heads of the query for each of the value
    kept = _not_contracted(paintings[2], -2, step, flow, unite=True)
    return [tuple(spread(repeated(term, shared, axis=1), shape) for term in kept)]


def _united(term: Term, axes: Sequence[int], flow: Flow) -> Term:
    """Make the elements of an input along `axes` one unit, as far as the term has any."""
    if not flow.numbers.of_input(compact(term.units)).any():
        return term
    front = list(range(len(axes)))
    turned = np.moveaxis(term.units, list(axes), front)
    columns = turned.reshape(int(np.prod(turned.shape[: len(axes)])), -1)
    united = np.moveaxis(flow.numbers.unite(columns).reshape(turned.shape), front, list(axes))
    return Term(units=united, gain=term.gain)


RULES: dict[Operation, Rule] = {
    "layout": _layout,
    "pointwise": _pointwise,
    "scale": _scale,
    "pool": _pool,
    "reduce": _reduce,
    "product": _product,
    "attention": _attention,
}
