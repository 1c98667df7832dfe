"""What a weight tensor reads: for each of its input features, the unit that makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from probatum.errors import ProbatumError
from probatum.networks.tracing.painting import NOBODY, Gains, Numbers, Painting, Term, compact, mean_gain
from probatum.networks.tracing.step import Step
from probatum.networks.tracing.unit_numbers import UnitNumbers

MOST_MIXED = 4  # layers that may take turns along the positions, as the parts of a sequence put behind one another


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """One use of a weight tensor. `rows`: terms of shape (input features,), as in a sum of several values."""

    step: Step
    layer: str
    rows: tuple[Term, ...]

    @property
    def tensor(self) -> str:
        """Name of the weight tensor in the model, or the place of the step where it has none."""
        return self.step.tensors.get("weight") or self.step.place or self.layer

    @property
    def units(self) -> int:
        """Number of units that the tensor makes."""
        return int(self.step.constants["weight"].shape[1 if self.step.operation == "embedding" else 0])


def rows_of(painting: Painting, *, axis: int, step: Step, numbers: UnitNumbers) -> tuple[Term, ...]:
    """Return the terms of shape (features,) that a weight reads whose input features stand on `axis`.

    A term gives several where a few layers made different positions (a sequence put together of two). Raises
    `ProbatumError` where one feature is made by many units, so that it could have no single edge.
    """
    return tuple(row for term in painting for row in _rows_of_term(term, axis, step, numbers))


def _rows_of_term(term: Term, axis: int, step: Step, numbers: UnitNumbers) -> Iterator[Term]:
    last = term.turned(axis)
    positions = range(last.units.ndim - 1)
    features = last.units.shape[-1]
    small = compact(last.units)
    table = numbers.unite(np.broadcast_to(small, (*small.shape[:-1], features)).reshape(-1, features))
    top = table.max(axis=0)
    if ((table == top) | (table == NOBODY)).all():
        yield Term(units=top, gain=None if last.gain is None else _row(mean_gain(last, positions), features))
        return
    distinct = np.unique(table, axis=0)
    if len(distinct) > MOST_MIXED:
        raise _mixed(table, step, numbers)
    whole = np.broadcast_to(table.reshape(*small.shape[:-1], features), last.units.shape)
    for row in distinct[(distinct != NOBODY).any(axis=1)]:
        only = Term(units=np.where(whole == row, row, NOBODY), gain=last.gain)
        yield Term(units=row, gain=None if last.gain is None else _row(mean_gain(only, positions), features))


def _row(gain: Gains, features: int) -> Gains:
    return np.broadcast_to(gain.reshape(-1), (features,))


def _mixed(table: Numbers, step: Step, numbers: UnitNumbers) -> ProbatumError:
    feature = int(np.argmax((table != table[:1]).any(axis=0)))
    units = np.unique(table[:, feature])
    layers = np.unique(numbers.layer(units[units != NOBODY]))
    names = ", ".join(repr(numbers.names[layer]) for layer in layers.tolist())
    return ProbatumError(
        f"{step.operator} at {step.place or step.outputs[0]!r}: its input feature {feature} is made by {len(units)} "
        f"different units (of {names}) at different positions, so it has no single edge; weights over positions, as "
        "in a token mixer, have no place in a graph of units: measure the parts before and after it"
    )


def feature_axis(step: Step, dimensions: int) -> int:
    """Return the axis on which the inputs of a weight stand: the last for dense layers, 1 for convolutions."""
    if step.operation == "dense":
        return dimensions - 1
    spatial = np.ndim(step.constants["weight"]) - 2
    if dimensions != spatial + 2:
        raise ProbatumError(
            f"{step.operator} at {step.place or step.outputs[0]!r}: its input has {dimensions} axes where batch, "
            f"channels and {spatial} positions are {spatial + 2}; give inputs with a batch axis"
        )
    return 1
