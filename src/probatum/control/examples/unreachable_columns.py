"""Columns in which examples of success hold what no action can bring about: foreign goals, clocks, missing frames.

That examples differ from what random actions meet proves nothing, since success is what random actions do not reach.
So only columns are looked at whose behaviour shows that actions do not decide them freely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from probatum.control.examples.column_ranges import column_ranges
from probatum.control.examples.distances import pooled_deviation
from probatum.control.examples.exploration import Exploration

Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MARGIN = 0.25  # of the range of values at resets: how far outside it a value of another episode may lie
SOME = 0.1  # share of the examples that has to stand out
FLAGS = (-1.0, 0.0, 1.0)  # a column with nothing but these may be a flag that success sets
ALIKE = 0.1  # of a column's standard deviation: how near to it a copy of it stays in most states
FARTHER = 3.0  # times the greatest distance met between a column and its copy
NOTABLE = 0.25  # of the deviation over examples and states: what random actions only nudge moves fast in a success
ROUNDING = 0.01  # of what a clock gains in a step
MOST_COLUMNS = 400  # of more, such as pictures, copies are not looked for: it takes time with the square
UNIT = 10.0  # times the greatest value met: another unit


@final
@dataclass(frozen=True, kw_only=True)
class Finding:
    """Columns in which something is wrong with the examples, and what, as a sentence."""

    columns: tuple[int, ...]
    sentence: str


def given_columns(exploration: Exploration) -> BoolArray:
    """Return which columns never changed within any episode, (observation,): goals, untouched objects, unused ones."""
    follows = np.diff(exploration.episode) == 0
    return np.asarray((np.diff(exploration.states, axis=0)[follows] == 0).all(axis=0))


def unreachable_columns(examples: npt.NDArray[np.float32], exploration: Exploration) -> Iterator[Finding]:
    """Yield what speaks against the `examples` (count, observation), column by column."""
    rows, met = examples.astype(np.float64), exploration.states.astype(np.float64)
    names, given = exploration.spaces.names, given_columns(exploration)
    units = list(_units(rows, met, given, names))
    if units:
        yield from units  # everything else would follow from that
        return
    yield from _of_other_episodes(rows, met, given, names)
    yield from _clocks(rows, exploration)
    yield from _copies(rows, exploration, given)


def _of_other_episodes(
    rows: Float64Array, met: Float64Array, given: BoolArray, names: tuple[str, ...]
) -> Iterator[Finding]:
    foreign = _foreign(rows, met, given)
    single = given & (np.ptp(met, axis=0) > 0) & (np.ptp(rows, axis=0) == 0) & (len(rows) > 1)
    columns = _places(foreign | single)
    if foreign.any():
        yield Finding(
            columns=columns,
            sentence=(
                f"examples differ from everything reachable: {column_ranges(columns, names)} never changed within an "
                f"episode in {len(met):,} states that random actions met, and no episode began with what the examples "
                "have there. Goals of other episodes, or left empty? (All is well if success moves something that "
                "random actions never touch.)"
            ),
        )
    elif single.any():
        yield Finding(
            columns=columns,
            sentence=(
                f"all examples are the same in {column_ranges(columns, names)}, where the environment gives each "
                "episode values of its own: examples with one goal say nothing about the others"
            ),
        )


def _foreign(rows: Float64Array, met: Float64Array, given: BoolArray) -> BoolArray:
    low, high = met.min(axis=0), met.max(axis=0)
    room = MARGIN * (high - low) + 1e-4 + 1e-3 * np.abs(met).max(axis=0)
    outside = ((rows < low - room) | (rows > high + room)).mean(axis=0) >= SOME
    flags = (low == high) & np.isin(low, FLAGS) & np.isin(rows, FLAGS).all(axis=0)
    return np.asarray(given & outside & ~flags)


def _clocks(rows: Float64Array, exploration: Exploration) -> Iterator[Finding]:
    """A column that is the number of steps since the reset, in whatever unit."""
    states, steps = exploration.states.astype(np.float64), exploration.step.astype(np.float64)
    if np.ptp(steps) < 3:  # any column is a line through two points
        return
    centred = steps - steps.mean()
    slope = centred @ states / (centred @ centred)
    error = np.abs(states - states.mean(axis=0) - np.outer(centred, slope)).max(axis=0)
    clock = (np.ptp(states, axis=0) > 0) & (error <= ROUNDING * np.abs(slope))
    low, high = states.min(axis=0), states.max(axis=0)
    outside = ((rows < low) | (rows > high)).mean(axis=0) >= SOME
    still = (np.ptp(rows, axis=0) == 0) & (len(rows) > 1)
    wrong = clock & (outside | still)
    if wrong.any():
        yield Finding(
            columns=_places(wrong),
            sentence=(
                "examples differ from everything reachable: the steps of an episode are counted in "
                f"{column_ranges(_places(wrong), exploration.spaces.names)}, and all examples say the same there, or "
                "what no episode comes to. Leave the count out of the observation, or collect examples that carry it"
            ),
        )


def _copies(rows: Float64Array, exploration: Exploration, given: BoolArray) -> Iterator[Finding]:
    """Columns that stay near others, such as those of the previous frame, and do not in the examples."""
    moving = np.flatnonzero(~given)
    if len(moving) > MOST_COLUMNS:
        return
    met, values = exploration.states[:, moving].astype(np.float64), rows[:, moving]
    spread, over_both = met.std(axis=0), pooled_deviation(values, met)
    blame = list(zip((np.ptp(values, axis=0) == 0).tolist(), median_gap(values, met).tolist(), strict=True))
    blamed, others, wide, far = set(), set(), 0.0, 0.0
    for later in range(1, len(moving)):
        apart = np.abs(met[:, :later] - met[:, later, None])
        near = np.median(apart, axis=0) <= ALIKE * np.minimum(spread[later], spread[:later])
        for earlier in np.flatnonzero(near):
            most = float(apart[:, earlier].max())
            found = float(np.median(np.abs(values[:, earlier] - values[:, later])))
            if found > FARTHER * most and found > NOTABLE * max(over_both[earlier], over_both[later]):
                wrong, right = (earlier, later) if blame[earlier] > blame[later] else (later, earlier)
                blamed.add(int(moving[wrong]))
                others.add(int(moving[right]))
                wide, far = max(wide, most), max(far, found)
    if blamed:
        names = exploration.spaces.names
        yield Finding(
            columns=tuple(sorted(blamed)),
            sentence=(
                f"examples differ from everything reachable: {column_ranges(blamed, names)} never went farther than "
                f"{wide:.3g} from {column_ranges(others, names)}, and the examples have {far:.3g} between them. Is a "
                "previous frame missing, or from another moment?"
            ),
        )


def median_gap(values: Float64Array, met: Float64Array) -> Float64Array:
    """Return for each column how far the `values` (n, k) usually are outside the range of those `met` (m, k)."""
    beyond = np.maximum(np.maximum(met.min(axis=0) - values, values - met.max(axis=0)), 0)
    return np.asarray(np.median(beyond, axis=0), np.float64)


def _units(rows: Float64Array, met: Float64Array, given: BoolArray, names: tuple[str, ...]) -> Iterator[Finding]:
    largest = np.abs(met).max(axis=0)
    moving = ~given & (largest > 0)
    huge = moving & (np.median(np.abs(rows), axis=0) > UNIT * largest)
    if moving.any() and huge.sum() > moving.sum() / 2:
        times = np.median(np.median(np.abs(rows), axis=0)[huge] / largest[huge])
        yield Finding(
            columns=_places(huge),
            sentence=(
                f"examples differ from everything reachable: the values in {column_ranges(_places(huge), names)} are "
                f"about {times:.0f} times as large as any that random actions met. Is it another unit?"
            ),
        )


def _places(columns: BoolArray) -> tuple[int, ...]:
    return tuple(int(column) for column in np.flatnonzero(columns))
