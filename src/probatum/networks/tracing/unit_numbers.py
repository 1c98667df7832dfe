"""How units are numbered while a trace is walked, and how the units of an input are found from what reads it.

A layer's units are numbered as soon as it is met. What the units of an input are (the channels of a picture, the
pixels of a picture that is flattened at once, the features of a sequence) no shape tells. So every element of an
input starts as a unit of its own, and elements that one weight reads are then one unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from probatum.networks.tracing.painting import NOBODY, Numbers

Mask = npt.NDArray[np.bool_]


class UnitNumbers:
    """Numbers for the units of all layers, first those of the inputs; `owners` settles them once all is read."""

    def __init__(self, inputs: Mapping[str, tuple[int, ...]]) -> None:
        self.names: list[str] = []
        self.starts: list[int] = []
        self.end = 0
        self._pairs: list[Numbers] = []
        for name, shape in inputs.items():
            self.add(name, int(np.prod(shape)))
        self._inputs_end = self.end

    def add(self, name: str, units: int) -> int:
        """Number the units of a layer and return the first number."""
        self.names.append(name)
        self.starts.append(self.end)
        self.end += units
        return self.starts[-1]

    def unused(self, name: str) -> str:
        """Return the name, with a number behind it where a layer has it already."""
        names = (name, *(f"{name} ({number})" for number in range(2, len(self.names) + 3)))
        return next(other for other in names if other not in self.names)

    def layer(self, units: Numbers) -> Numbers:
        """Return the position of each unit's layer in `names`, -1 for nobody."""
        return np.searchsorted(self.starts, units, side="right") - 1

    def start(self, name: str) -> int:
        """Return the first number of a layer."""
        return self.starts[self.names.index(name)]

    def size(self, name: str) -> int:
        """Return how many numbers a layer has."""
        return [*self.starts, self.end][self.names.index(name) + 1] - self.start(name)

    def of_input(self, units: Numbers) -> Mask:
        """Say which units are elements of an input."""
        return np.asarray((units != NOBODY) & (units < self._inputs_end))

    def unite(self, columns: Numbers) -> Numbers:
        """Make the elements of one input that stand in one column one unit; return the columns in these units.

        `columns`: shape (positions, columns). Units that are no input's elements stay as they are.
        """
        if not self.of_input(columns).any():
            return columns
        united = columns.copy()
        layers = self.layer(columns)
        for layer in np.unique(layers[self.of_input(columns)]).tolist():
            mine = layers == layer
            chosen = np.broadcast_to(np.where(mine, columns, NOBODY).max(axis=0), columns.shape)[mine]
            self._pairs.append(np.unique(np.stack([columns[mine], chosen]), axis=1))
            united[mine] = chosen
        return united

    def owners(self) -> Owners:
        """Return whom each number belongs to, now that every reader of the inputs is known."""
        pairs = np.concatenate([np.empty((2, 0), np.int64), *self._pairs], axis=1)
        links = sparse.coo_array((np.ones(pairs.shape[1], bool), (pairs[0], pairs[1])), shape=(self.end, self.end))
        component = csgraph.connected_components(links, directed=False)[1].astype(np.int64)
        component[np.setdiff1d(np.arange(self._inputs_end), pairs)] = NOBODY
        bounds = [*self.starts, self.end]
        return Owners(self.names, [component[start:end] for start, end in pairwise(bounds)])


class Owners:
    """Layer, and place within the layer, of every number; `units` counts the units of each layer."""

    def __init__(self, names: Sequence[str], components: Sequence[Numbers]) -> None:
        self.names = tuple(names)
        places = [_in_order(component) for component in components]
        self.units = [int(place.max(initial=NOBODY)) + 1 for place in places]
        self._layer = np.repeat(np.arange(len(places)), [len(place) for place in places])
        self._place = np.concatenate(places)

    def layer(self, units: Numbers) -> Numbers:
        """Return the position of each unit's layer in `names`, -1 for nobody."""
        return np.where(units == NOBODY, -1, self._layer[units])

    def place(self, units: Numbers) -> Numbers:
        """Return each unit's number within its layer, -1 for nobody."""
        return np.where(units == NOBODY, NOBODY, self._place[units])


def _in_order(component: Numbers) -> Numbers:
    """Number components from 0 in the order in which they first occur; what is in none keeps `NOBODY`."""
    found = np.flatnonzero(component != NOBODY)
    _, first, inverse = np.unique(component[found], return_index=True, return_inverse=True)
    place = np.full(len(component), NOBODY)
    place[found] = np.argsort(np.argsort(first))[inverse]
    return place
