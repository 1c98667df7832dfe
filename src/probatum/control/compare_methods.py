"""Which of several methods learns better? Interquartile means over seeds and tasks, and who beats whom how often.

Agarwal, Schwarzer, Castro, Courville, Bellemare 2021, "Deep Reinforcement Learning at the Edge of the Statistical
Precipice", section 4: stratified bootstrap intervals, interquartile means, and the probability of improvement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, final

import numpy as np

from probatum.control.interquartile_mean import Floats, interquartile_mean
from probatum.control.policies_by_seed import FEW, SCORES, PoliciesBySeed
from probatum.control.stratified_bootstrap import RESAMPLES, percentiles, resampled, stratified_interval
from probatum.errors import ProbatumError
from probatum.result import Result, axis

DASHES = ("-", "--", ":", "-.")


@final
@dataclass(frozen=True, kw_only=True)
class MethodScore:
    """How one method did: `iqm` over all its `runs` on all tasks, with its 95 % interval `low` to `high`, and `mean`.

    `better`: the probability that a run of it scores above one of the method compared with, on a task drawn at random,
    equal scores counting half; with its 95 % interval. All three are None for the method compared with.
    """

    method: str
    runs: int
    iqm: float
    low: float
    high: float
    mean: float
    better: float | None
    better_low: float | None
    better_high: float | None


@final
@dataclass(frozen=True, kw_only=True)
class MethodsCompared(Result):
    """Several methods on the same tasks, after the same number of steps.

    `methods`: for each method, over all `runs` of all tasks, the interquartile mean `iqm` of its `score` at the last
    evaluation with its 95 % interval `low` to `high`, and `better`, the probability that a run of it scores above one
    of the method `against` on a task drawn at random (equal scores count half), with its interval. `by_task`:
    interquartile means, a row a task and a column a method. `curves`: for each task and method the steps and the
    interquartile mean at each.
    """

    score: str
    against: str
    warnings: tuple[str, ...]
    methods: tuple[MethodScore, ...]
    tasks: tuple[str, ...]
    names: tuple[str, ...]
    by_task: tuple[tuple[float, ...], ...]
    curves: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]

    def summary(self) -> str:
        """Say each method's interquartile mean, and how often it beats the one compared with."""
        where = self.tasks[0] if len(self.tasks) == 1 else f"{len(self.tasks)} tasks"
        said = []
        for one in self.methods:
            beats = (
                ""
                if one.better is None
                else f", above {self.against} with probability {one.better:.2f} "
                f"({one.better_low:.2f} to {one.better_high:.2f})"
            )
            shown = "{:.4g} ({:.4g} to {:.4g}" if self.score == "return" else "{:.2f} ({:.2f} to {:.2f}"
            said.append(f"{one.method} {shown.format(one.iqm, one.low, one.high)}{beats})")
        return f"{SCORES[self.score]} on {where}, interquartile means of runs: {'; '.join(said)}"

    def plot(self, ax: Any = None) -> Any:
        """Draw each method's interquartile mean with its interval."""
        ax = axis(ax)
        _intervals(ax, [(n, one.method, one.iqm, one.low, one.high) for n, one in enumerate(self.methods)])
        ax.set_xlabel(SCORES[self.score])
        if self.score != "return":
            ax.set_xlim(-0.03, 1.03)
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the interquartile means, the probabilities of improvement, and the curves on each task."""
        shown: dict[str, Callable[[Any], Any]] = {"Interquartile means of runs with 95 % intervals": self.plot}
        if len(self.methods) > 1:
            shown[f"Probability that a run scores above one of {self.against}"] = self._plot_better
        for number, task in enumerate(self.tasks):
            shown[f"Interquartile means by environment step on {task}"] = partial(self._plot_curves, number)
        return shown

    def _plot_better(self, ax: Any = None) -> Any:
        ax = axis(ax)
        rows = [(n, one.method, one.better, one.better_low, one.better_high) for n, one in enumerate(self.methods)]
        _intervals(ax, [row for row in rows if row[2] is not None])
        ax.axvline(0.5, color="0.5", linestyle=":")
        ax.set(xlim=(-0.03, 1.03), xlabel=f"probability of scoring above {self.against}")
        return ax

    def _plot_curves(self, task: int, ax: Any = None) -> Any:
        ax = axis(ax)
        for number, (name, curve) in enumerate(zip(self.names, self.curves[task], strict=True)):
            steps, means = zip(*curve, strict=True)
            ax.plot(steps, means, DASHES[number % 4], marker="o", markersize=3, color=f"C{number}", label=name)
        if self.score != "return":
            ax.set_ylim(-0.03, 1.03)
        ax.set(xlabel="environment steps", ylabel=SCORES[self.score])
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        ax.legend(loc="best", fontsize="small")
        return ax


def compare_methods(
    found: Mapping[str, PoliciesBySeed | Sequence[PoliciesBySeed]],
    *,
    against: str | None = None,
    score: Literal["success_ever", "success_end", "return"] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> MethodsCompared:
    """Compare methods that have learned in the same environments with the same number of steps.

    `found`: for each method, by the name it is to have, its policies over seeds, one for each task. `against`: the
    method with which the others are compared; the first if None. `score`: success at any time of an episode if None, or
    the return where that is unknown. `resamples` and `seed` are those of the bootstrap. Raises
    `ProbatumError` where methods differ in tasks or steps, where a score was not measured, and for returns of several
    tasks, which have no common scale.
    """
    table = {name: (one,) if isinstance(one, PoliciesBySeed) else tuple(one) for name, one in found.items()}
    if score is None:
        told = all(one.scores[0].score == "success_ever" for ones in table.values() for one in ones)
        score = "success_ever" if told else "return"
    tasks = _refuse_unlike(table, score)
    named = next(iter(table)) if against is None else against
    if named not in table:
        raise ProbatumError(f"against={named!r}: no such method was given; there is {', '.join(table)}")
    runs = {name: [np.array(one.score(score).last) for one in ones] for name, ones in table.items()}
    curves = tuple(tuple(_curve(ones[number], score) for ones in table.values()) for number in range(len(tasks)))
    return MethodsCompared(
        score=score,
        against=named,
        warnings=tuple(_warnings(table)),
        methods=tuple(_method_score(name, runs, named, resamples, seed) for name in table),
        tasks=tasks,
        names=tuple(table),
        by_task=tuple(tuple(curve[-1][1] for curve in row) for row in curves),
        curves=curves,
    )


def probability_of_improvement(ours: Sequence[Floats], theirs: Sequence[Floats]) -> Floats:
    """Return how probably a run of ours scores above one of theirs, (resamples,), equal scores counting half.

    `ours`, `theirs`: for each task the scores (resamples, runs); the tasks count alike.
    """
    by_task = [
        ((mine[:, :, None] > other[:, None]) + 0.5 * (mine[:, :, None] == other[:, None])).mean(axis=(1, 2))
        for mine, other in zip(ours, theirs, strict=True)
    ]
    return np.asarray(np.mean(by_task, axis=0))


def _method_score(
    name: str, runs: Mapping[str, Sequence[Floats]], against: str, resamples: int, seed: int
) -> MethodScore:
    mine = runs[name]
    low, high = stratified_interval(mine, resamples=resamples, seed=seed)
    better: tuple[float | None, ...] = (None, None, None)
    if name != against:
        better = _better(mine, runs[against], resamples, seed)
    return MethodScore(
        method=name,
        runs=sum(len(scores) for scores in mine),
        iqm=interquartile_mean(np.concatenate(mine)),
        low=low,
        high=high,
        mean=float(np.concatenate(mine).mean()),
        better=better[0],
        better_low=better[1],
        better_high=better[2],
    )


def _better(mine: Sequence[Floats], theirs: Sequence[Floats], resamples: int, seed: int) -> tuple[float, float, float]:
    """Runs of both methods are drawn again, each method's and each task's by themselves."""
    both = resampled([*mine, *theirs], resamples=resamples, seed=seed)
    drawn = [probability_of_improvement(block[: len(mine)], block[len(mine) :]) for block in both]
    whole = probability_of_improvement([one[None] for one in mine], [one[None] for one in theirs])
    return float(whole[0]), *percentiles(drawn, confidence=0.95)


def _curve(one: PoliciesBySeed, score: str) -> tuple[tuple[float, float], ...]:
    return tuple((step, values[0]) for step, values in zip(one.steps, one.score(score).by_step, strict=True))


def _refuse_unlike(table: Mapping[str, Sequence[PoliciesBySeed]], score: str) -> tuple[str, ...]:
    if score not in SCORES:
        raise ProbatumError(f"score={score!r}: give {', '.join(SCORES)}")
    if not table or not all(table.values()):
        raise ProbatumError("nothing to compare: give each method's policies over seeds")
    first_name, first = next(iter(table.items()))
    tasks = tuple(one.environment for one in first)
    if score == "return" and len(tasks) > 1:
        raise ProbatumError("returns of several tasks have no common scale: compare successes, or one task at a time")
    for name, ones in table.items():
        if (mine := tuple(one.environment for one in ones)) != tasks:
            raise ProbatumError(f"{name} learned on {', '.join(mine)}, and {first_name} on {', '.join(tasks)}")
        for one, other in zip(ones, first, strict=True):
            if one.steps[-1] != other.steps[-1]:
                raise ProbatumError(
                    f"on {one.environment}, {name} learned {one.steps[-1]:,.0f} steps and {first_name} "
                    f"{other.steps[-1]:,.0f}: only equal budgets can be compared"
                )
    return tasks


def _warnings(table: Mapping[str, Sequence[PoliciesBySeed]]) -> Iterator[str]:
    least = min(len(one.runs) for ones in table.values() for one in ones)
    if least < FEW:
        yield f"a method has {least} seeds only: intervals of so few are too narrow"
    episodes = {one.evaluation_episodes for ones in table.values() for one in ones}
    if len(episodes) > 1:
        yield f"evaluations had {', '.join(map(str, sorted(episodes, key=str)))} episodes: some scores are noisier"


def _intervals(ax: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """`rows`: number of the colour, name, middle, low, high."""
    for place, (number, _, middle, low, high) in enumerate(rows):
        ax.plot([low, high], [place, place], color=f"C{number}", linewidth=6, alpha=0.35, solid_capstyle="butt")
        ax.plot([middle], [place], "o", color=f"C{number}")
    ax.set_yticks(range(len(rows)), [str(row[1]) for row in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
