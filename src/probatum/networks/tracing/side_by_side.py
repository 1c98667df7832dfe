"""Where the outputs of several layers are put side by side, as branches of a network are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from probatum.networks.layered_graph import Concatenation
from probatum.networks.tracing.painting import NOBODY, Numbers, Painting, Term, collapsed
from probatum.networks.tracing.unit_numbers import Owners, UnitNumbers


@dataclass(frozen=True, kw_only=True, eq=False)
class Joined:
    """The units along the channels of a concatenation, shape (channels,), before inputs are settled."""

    name: str
    units: Numbers


def joined(name: str, painting: Painting, numbers: UnitNumbers) -> Joined | None:
    """Return the units along the one axis on which layers stand side by side, None where there is no such axis."""
    if not painting:
        return None
    units = painting[-1].units
    for term in painting[-2::-1]:
        units = np.where(units == NOBODY, term.units, units)
    elements = numbers.of_input(units)
    starts = np.asarray(numbers.starts)[numbers.layer(units)]
    row = _row(Term(units=np.where(elements, starts, units)))  # an input takes part with all its units
    if row is None or len(np.unique(numbers.layer(row[row != NOBODY]))) < 2:
        return None
    return Joined(name=name, units=row)


def _row(term: Term) -> Numbers | None:
    for axis in range(term.units.ndim):
        others = [other for other in range(term.units.ndim) if other != axis]
        line = collapsed(term, others)
        if line is not None:
            return line.units.reshape(-1)
    return None


def concatenation(found: Joined, owners: Owners, inputs: Collection[str]) -> Concatenation | None:
    """Return the concatenation with the layer and range of units of each part, None if an input is there in part."""
    layers, places = owners.layer(found.units), owners.place(found.units)
    breaks = np.flatnonzero((np.diff(layers) != 0) | (np.diff(places) > 1) | (np.diff(places) < 0)) + 1
    parts = []
    for run in np.split(np.arange(len(layers)), breaks):
        layer, first = int(layers[run[0]]), int(places[run[0]])
        if layer >= 0 and owners.names[layer] in inputs:
            if len(run) != owners.units[layer]:
                return None
            parts.append((owners.names[layer], 0, len(run)))
        elif layer >= 0:
            parts.append((owners.names[layer], first, first + len(run)))
    return Concatenation(name=found.name, parts=tuple(parts))
