"""How much of the success that examples show a random policy reaches already."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from probatum.control.examples.distances import nearest, side_by_side
from probatum.control.examples.exploration import Exploration

MOST_ROWS = 2_000


def already_reached(examples: npt.NDArray[np.float32], exploration: Exploration, *, seed: int) -> tuple[float, float]:
    """Return (share of examples that random actions reach, share of their states that look like examples).

    Each example has a neighbourhood: as far as its k-th nearest other example, k the square root of their number.
    An example is reached when a random state lies in its neighbourhood; a random state looks like the examples when it
    lies in that of the nearest one. Distances are over all columns, each in units of its standard deviation over
    examples and random states, half and half. Of the first share: if a part q of n random states is spread like E
    examples, it is about 1 - exp(-n q k / E). NaN for fewer than 3 different examples.
    """
    different = np.unique(examples, axis=0)
    if len(different) > MOST_ROWS:
        different = different[np.random.default_rng(seed).choice(len(different), MOST_ROWS, replace=False)]
    if len(different) < 3:
        return math.nan, math.nan
    rows, states = side_by_side(different, exploration.states[exploration.plain])
    radius = nearest(rows, rows, rank=1 + min(math.ceil(math.sqrt(len(rows))), len(rows) - 1))[0]
    reached = nearest(states, rows)[0] <= radius
    distance, which = nearest(rows, states)
    return float(reached.mean()), float((distance <= radius[which]).mean())
