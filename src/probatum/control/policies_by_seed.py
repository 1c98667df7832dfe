"""Does a method learn whatever the seed? Policies of several seeds: interquartile means of their success, by step.

Agarwal, Schwarzer, Castro, Courville, Bellemare 2021, "Deep Reinforcement Learning at the Edge of the Statistical
Precipice": the interquartile mean of runs with stratified bootstrap intervals, in place of a few curves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, final

import numpy as np

from probatum.control.health import HEALTHY, policy_health
from probatum.control.interquartile_mean import Floats, interquartile_mean
from probatum.control.learned_policy import LearnedPolicy
from probatum.control.stratified_bootstrap import RESAMPLES, stratified_interval
from probatum.errors import ProbatumError
from probatum.result import Result, axis

SCORES = {
    "success_ever": "success at any time of an episode",
    "success_end": "success at the end of an episode",
    "return": "return of an episode",
}
FEW = 5
"""Below so many runs a 95 % interval holds the truth in 50 (2 runs) to 72 (3 runs) of 100 cases; see the page."""


@final
@dataclass(frozen=True, kw_only=True)
class ScoreBySeed:
    """One score over all seeds: at the last evaluation, and by step.

    `iqm` with its 95 % interval `low` to `high`; `mean`, `median`, `least` and `most` of the same runs. `by_step`:
    interquartile mean and interval, (evaluations, 3); `by_seed`: the curve of each seed, (seeds, evaluations).
    """

    score: str
    iqm: float
    low: float
    high: float
    mean: float
    median: float
    least: float
    most: float
    by_step: tuple[tuple[float, float, float], ...]
    by_seed: tuple[tuple[float, ...], ...]

    @property
    def last(self) -> tuple[float, ...]:
        """The score of each seed at the last evaluation."""
        return tuple(values[-1] for values in self.by_seed)

    def words(self) -> str:
        """Say the interquartile mean with its interval."""
        shown = "{:.2f} ({:.2f} to {:.2f})" if self.score != "return" else "{:.4g} ({:.4g} to {:.4g})"
        return f"{SCORES[self.score]} {shown.format(self.iqm, self.low, self.high)}"


@final
@dataclass(frozen=True, kw_only=True)
class SeedScores:
    """How the policy of one seed did at the last evaluation, and what its diagnostics say; NaN for what is unknown."""

    seed: int
    success_ever: float
    success_end: float
    returns: float
    health: str


@final
@dataclass(frozen=True, kw_only=True)
class PoliciesBySeed(Result):
    """Policies of one method in one environment, learned from different seeds.

    `scores`: for each thing that the evaluations measured, `success_ever` (the share of episodes with success at any
    time), `success_end` (at the end) and `return`, the interquartile mean `iqm` over seeds at the last evaluation
    with its 95 % interval `low` to `high`, a bootstrap over seeds, beside `mean`, `median`, `least` and `most`;
    `by_step` and `by_seed` are their curves. `runs`: the same seed by seed, with what the diagnostics of each say
    (`health`). `steps`: the environment steps at each evaluation of `evaluation_episodes` episodes.
    """

    method: str
    environment: str
    evaluation_episodes: int | None
    warnings: tuple[str, ...]
    scores: tuple[ScoreBySeed, ...]
    runs: tuple[SeedScores, ...]
    steps: tuple[float, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order of `runs`."""
        return tuple(run.seed for run in self.runs)

    def score(self, name: str) -> ScoreBySeed:
        """Return the score of that name; `ProbatumError` names what there is."""
        for one in self.scores:
            if one.score == name:
                return one
        raise ProbatumError(f"no score {name!r} was measured; there is {', '.join(one.score for one in self.scores)}")

    def summary(self) -> str:
        """Say the interquartile means with their intervals, and how many runs look healthy."""
        shown = [one for one in self.scores if one.score != "return"] or self.scores
        well = sum(run.health.startswith(HEALTHY) for run in self.runs)
        return (
            f"{len(self.runs)} seeds of {self.method} on {self.environment}, {self.steps[-1]:,.0f} steps: "
            f"{', '.join(one.words() for one in shown)} (interquartile means, 95 % intervals); "
            f"{well} of {len(self.runs)} runs look healthy"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the first score by step: interquartile mean, its interval, and a thin line for each seed."""
        return _draw(self.scores[0], self.steps, ax)

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the curves of each score."""
        about = "interquartile mean, 95 % interval and single seeds"
        return {f"{SCORES[one.score].capitalize()}: {about}": partial(_draw, one, self.steps) for one in self.scores}


def policies_by_seed(policies: Sequence[LearnedPolicy], *, resamples: int = RESAMPLES, seed: int = 0) -> PoliciesBySeed:
    """Put policies that differ in their seed alone side by side.

    `policies`: at least two, of one method in one environment, evaluated at the same steps. `resamples` and `seed` are
    those of the bootstrap. Raises `ProbatumError` where policies differ in method, environment or steps, where a seed
    stands twice, and where nothing was evaluated.
    """
    first = _refuse_strangers(policies)
    tables = {name: np.stack([np.asarray(one.history[name], np.float64) for one in policies]) for name in SCORES}
    measured = {name: table for name, table in tables.items() if np.isfinite(table).all()}
    if not measured:
        raise ProbatumError("nothing was measured for every policy at every evaluation, neither success nor return")
    scores = tuple(_score(name, table, resamples, seed) for name, table in measured.items())
    said = [policy_health(one) for one in policies]
    rest = [told for one, own in zip(policies, said, strict=True) for told in one.warnings if told not in own]
    lines = tuple(map("; ".join, said))
    return PoliciesBySeed(
        method=first.method,
        environment=environment_name(first.environment),
        evaluation_episodes=first.settings.get("evaluation_episodes"),
        warnings=tuple(dict.fromkeys([*_warnings(scores, policies, lines), *rest])),
        scores=scores,
        runs=tuple(
            SeedScores(seed=one.seed, success_ever=ever, success_end=end, returns=returns, health=line)
            for one, ever, end, returns, line in zip(
                policies, *(table[:, -1].tolist() for table in tables.values()), lines, strict=True
            )
        ),
        steps=tuple(np.asarray(first.history["steps"], np.float64).tolist()),
    )


def environment_name(environment: Mapping[str, Any]) -> str:
    """Name an environment in a few words, such as "Meta-World/MT1 drawer-close-v3"."""
    named = " ".join(str(environment[key]) for key in ("id", "name", "factory") if environment.get(key))
    options = ", ".join(f"{key}={value}" for key, value in (environment.get("options") or {}).items())
    return f"{named} ({options})" if options else named or "an environment"


def _refuse_strangers(policies: Sequence[LearnedPolicy]) -> LearnedPolicy:
    if len(policies) < 2:
        raise ProbatumError(f"{len(policies)} policies: give those of at least two seeds")
    first = policies[0]
    for place, one in enumerate(policies[1:], start=1):
        for what in ("method", "environment"):
            if getattr(one, what) != getattr(first, what):
                raise ProbatumError(
                    f"policies 0 and {place} differ in their {what}, {getattr(first, what)!r} and "
                    f"{getattr(one, what)!r}: only the seed may differ"
                )
        if not np.array_equal(one.history["steps"], first.history["steps"]):
            raise ProbatumError(
                f"policies 0 and {place} were evaluated at different steps, {len(first.history['steps'])} and "
                f"{len(one.history['steps'])} times: learn them with the same settings"
            )
    seeds = [one.seed for one in policies]
    if again := sorted({seed for seed in seeds if seeds.count(seed) > 1}):
        raise ProbatumError(f"seed {again[0]} stands {seeds.count(again[0])} times: each run counts once")
    if not len(first.history["steps"]):
        raise ProbatumError("no policy was evaluated while it learned: there is nothing to compare")
    return first


def _score(name: str, table: Floats, resamples: int, seed: int) -> ScoreBySeed:
    """`table`: (seeds, evaluations). The same draws serve every evaluation, so that the curves are smooth."""
    by_step = [
        (interquartile_mean(column), *stratified_interval([column], resamples=resamples, seed=seed))
        for column in table.T
    ]
    last = table[:, -1]
    return ScoreBySeed(
        score=name,
        iqm=by_step[-1][0],
        low=by_step[-1][1],
        high=by_step[-1][2],
        mean=float(last.mean()),
        median=float(np.median(last)),
        least=float(last.min()),
        most=float(last.max()),
        by_step=tuple(by_step),
        by_seed=tuple(tuple(row) for row in table.tolist()),
    )


def _warnings(scores: Sequence[ScoreBySeed], policies: Sequence[LearnedPolicy], lines: Sequence[str]) -> Iterator[str]:
    if len(policies) < FEW:
        yield f"{len(policies)} seeds are few: of intervals from 3 seeds 70 in 100 hold the truth, not 95; take 10"
    for one in scores:
        if one.least == one.most and one.score != "return":
            yield f"all seeds have {SCORES[one.score]} {one.most:g}: the interval has no width, the doubt has some"
    for policy, line in zip(policies, lines, strict=True):
        if not line.startswith(HEALTHY):
            yield f"seed {policy.seed}: {line}"


def _draw(score: ScoreBySeed, steps: Sequence[float], ax: Any = None) -> Any:
    ax = axis(ax)
    mark = "o" if len(steps) < 3 else None  # a line through one or two points is none
    for number, values in enumerate(score.by_seed):
        label = "single seeds" if number == 0 else None
        ax.plot(steps, values, ":", color="C1", linewidth=0.9, marker=mark, markersize=3, label=label)
    iqm, low, high = zip(*score.by_step, strict=True)
    ax.fill_between(steps, low, high, color="C0", alpha=0.25, label="95 % interval")
    ax.plot(steps, iqm, color="C0", linewidth=2, marker=mark, label="interquartile mean")
    if score.score != "return":
        ax.set_ylim(-0.03, 1.03)
    ax.set(xlabel="environment steps", ylabel=SCORES[score.score])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.legend(loc="best", fontsize="small")
    return ax
