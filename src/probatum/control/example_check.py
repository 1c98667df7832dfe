"""Are these good examples of success? What can be known before any training, by comparing them with random states.

The demands come from recursive classification of examples: Eysenbach, Levine, Salakhutdinov, "Replacing Rewards with
Examples: Example-Based Policy Search via Recursive Classification", NeurIPS 2021. The checks are this package's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.control.environments.lanes import EnvFn, Lanes
from probatum.control.environments.spaces import Spaces
from probatum.control.examples.already_reached import already_reached
from probatum.control.examples.column_ranges import column_ranges
from probatum.control.examples.distances import pooled_deviation
from probatum.control.examples.exploration import Exploration, explore
from probatum.control.examples.moments import Success
from probatum.control.examples.reading import read_examples
from probatum.control.examples.unreachable_columns import Finding, median_gap, unreachable_columns
from probatum.control.examples.whole_trajectories import trajectory_share
from probatum.errors import ProbatumError
from probatum.result import Result, axis

Float32Array = npt.NDArray[np.float32]

DUPLICATES = 0.5  # a share of repeated examples above which it is said
LOOKALIKES = 0.5  # a share of random states that look like examples above which it is said
WHOLE = 0.25  # a share of examples on paths from a reset above which it is said
SLACK = 1e-5  # of a bound's size: rounding to 32 bits is no violation


@final
@dataclass(frozen=True, kw_only=True)
class ExampleCheck(Result):
    """What is known about `count` examples of `columns` numbers each, before any training.

    `warnings`: a sentence for each thing that is likely to spoil training; none for good examples. `unreachable`: the
    columns in which the examples hold what no action brings about. `outside`: those in which they leave the bounds of
    the observation space. `constant`: those in which all examples are equal although the environment's states differ.
    `duplicates`: share of examples that repeat an earlier one. `reached`: share of examples that random actions reach;
    `lookalikes`: share of random states that look like examples; both NaN for fewer than 3 different examples.
    `on_paths`: share of examples on paths that begin at a reset; `near_resets`: share of examples near a reset.
    `failures`: share of examples that the function given calls no success, NaN without one. `random_success`: share of
    random states that succeed, NaN where nobody says. `gaps`: (columns,), the median distance of the examples to the
    range of values that random actions met, in standard deviations over both. `states`: how many random states were
    met. `names`: of the columns.
    """

    count: int
    columns: int
    warnings: tuple[str, ...]
    unreachable: tuple[int, ...]
    outside: tuple[int, ...]
    constant: tuple[int, ...]
    duplicates: float
    reached: float
    lookalikes: float
    on_paths: float
    near_resets: float
    failures: float
    random_success: float
    gaps: tuple[float, ...]
    states: int
    names: tuple[str, ...]

    def summary(self) -> str:
        """Say how many examples there are, how much random actions reach of them, and every warning."""
        said = {0: "no warning", 1: "1 warning"}.get(len(self.warnings), f"{len(self.warnings)} warnings")
        reached = "" if math.isnan(self.reached) else f", {self.reached:.0%} of them within reach of random actions"
        text = f"{said}: {self.count} examples of {self.columns} columns{reached} ({self.states:,} random states)"
        return "; ".join([text, *self.warnings])

    def plot(self, ax: Any = None) -> Any:
        """Draw for each column how far the examples are from what random actions met; unreachable columns in red."""
        ax = axis(ax)
        colours = ["tab:red" if column in self.unreachable else "tab:blue" for column in range(self.columns)]
        ax.bar(range(self.columns), self.gaps, color=colours)
        ax.set(xlabel="column of the observation", ylabel="beyond what random actions met\n(standard deviations)")
        ax.set_title(f"{self.count} examples, {len(self.warnings)} warnings")
        return ax


def check_examples(
    examples: Any,
    *,
    env_fn: EnvFn,
    seed: int = 0,
    steps: int = 2_000,
    success: Success | None = None,
) -> ExampleCheck:
    """Compare examples of success with what random actions meet in the environment that `env_fn` makes.

    `examples`: whatever `read_examples` takes. `steps`: random steps with actions drawn anew, and as many with actions
    held for a while; 50 further resets. `success(observation)`, if given, is asked about each example and random state.
    `seed` decides all that is random. Raises `ProbatumError` for examples that are no finite numbers or do not fit the
    environment's observations.
    """
    if steps < 1:
        raise ProbatumError(f"steps={steps}: give 1 or more")
    lanes = Lanes(env_fn, seed=seed)
    try:
        rows = read_examples(examples, spaces=lanes.spaces)
        exploration = explore(lanes, seed=seed, steps=steps, success=success)
    finally:
        lanes.close()
    findings = list(unreachable_columns(rows, exploration))
    outside = _outside(rows, exploration)
    reached, lookalikes = already_reached(rows, exploration, seed=seed)
    on_paths, near_resets = trajectory_share(rows, exploration)
    duplicates = 1 - len(np.unique(rows, axis=0)) / len(rows)
    failures = math.nan if success is None else float(np.mean([not success(row) for row in rows]))
    measured = {
        "duplicates": duplicates,
        "lookalikes": lookalikes,
        "on_paths": on_paths,
        "failures": failures,
    }
    said = exploration.success[exploration.plain & ~np.isnan(exploration.success)]
    return ExampleCheck(
        count=len(rows),
        columns=rows.shape[1],
        warnings=_warnings(findings, outside, exploration.spaces, measured, len(rows)),
        unreachable=tuple(sorted({column for finding in findings for column in finding.columns})),
        outside=outside,
        constant=_constant(rows, exploration.states),
        reached=reached,
        near_resets=near_resets,
        random_success=float(said.mean()) if len(said) else math.nan,
        gaps=_gaps(rows, exploration.states),
        states=len(exploration.states),
        names=exploration.spaces.names,
        **measured,
    )


def _outside(rows: Float32Array, exploration: Exploration) -> tuple[int, ...]:
    """The columns with examples out of bounds, but for those whose bounds the environment itself does not keep."""
    spaces = exploration.spaces

    def leaves(values: Float32Array) -> npt.NDArray[np.bool_]:
        low, high = spaces.observation_low, spaces.observation_high
        slack = SLACK * np.maximum(1, np.where(np.isfinite(low), np.abs(low), np.abs(high)))
        return np.asarray(((values < low - slack) | (values > high + slack)).any(axis=0))

    with np.errstate(invalid="ignore"):
        wrong = leaves(rows) & ~leaves(exploration.states)
    return tuple(int(column) for column in np.flatnonzero(wrong))


def _constant(rows: Float32Array, states: Float32Array) -> tuple[int, ...]:
    still = (np.ptp(rows, axis=0) == 0) & (np.ptp(states, axis=0) > 0)
    return tuple(int(column) for column in np.flatnonzero(still)) if len(rows) > 1 else ()


def _gaps(rows: Float32Array, states: Float32Array) -> tuple[float, ...]:
    values, met = rows.astype(np.float64), states.astype(np.float64)
    scale = pooled_deviation(values, met)
    return tuple((median_gap(values, met) / np.where(scale > 0, scale, 1)).tolist())


def _warnings(
    findings: list[Finding], outside: tuple[int, ...], spaces: Spaces, measured: dict[str, float], count: int
) -> tuple[str, ...]:
    said = [finding.sentence for finding in findings]
    if outside:
        said.append(f"examples leave the bounds of the observation space in {column_ranges(outside, spaces.names)}")
    if measured["on_paths"] >= WHOLE:
        said.append(
            f"{measured['on_paths']:.0%} of the examples lie on paths that begin at a reset: they look like whole "
            "trajectories, and learning from examples fails on those. Keep the states of success only"
        )
    if measured["lookalikes"] >= LOOKALIKES:
        said.append(
            f"{measured['lookalikes']:.0%} of the states that random actions meet look like the examples: there is "
            "little to tell apart. Are they states of success?"
        )
    if measured["failures"] > 0:
        said.append(f"{measured['failures']:.0%} of the examples are no success by the function given")
    if measured["duplicates"] >= DUPLICATES:
        different = round(count * (1 - measured["duplicates"]))
        said.append(f"only {different} of {count} examples are different")
    return tuple(said)
