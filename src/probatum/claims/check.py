"""Measures recorded trials again, cheapest first and within a budget of time, and says where this machine disagrees."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.comparing import Remeasured
from probatum.claims.experiment import names
from probatum.claims.ledger import Ledger
from probatum.claims.plan import Task, plan, runnable
from probatum.claims.standing import trials_of
from probatum.claims.trial import Trial
from probatum.claims.workers import Progress, measured


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """Recorded trials: those measured again, those that cannot run here, those for which the time did not suffice."""

    remeasured: tuple[Remeasured, ...]
    cannot_run: tuple[tuple[Trial, str], ...]
    not_reached: tuple[Trial, ...]

    @property
    def agreed(self) -> tuple[Remeasured, ...]:
        """What came out the same."""
        return tuple(one for one in self.remeasured if one.agrees)

    @property
    def disagreed(self) -> tuple[Remeasured, ...]:
        """What came out otherwise, or raised."""
        return tuple(one for one in self.remeasured if not one.agrees)

    def summary(self) -> str:
        """How many trials agreed, and each that did not in a line of its own."""
        counts = [f"{len(self.agreed)} of {len(self.remeasured)} trials measured again agree"]
        if self.cannot_run:
            reasons = "; ".join(sorted({reason for _, reason in self.cannot_run}))
            counts.append(f"{len(self.cannot_run)} cannot run here ({reasons})")
        if self.not_reached:
            counts.append(f"{len(self.not_reached)} not reached within the budget")
        return "\n".join([f"{', '.join(counts)}.", *(f"  {one.describe()}" for one in self.disagreed)])


def check(
    claims: Iterable[Claim],
    ledger: Ledger,
    budget_seconds: float,
    *,
    experiments: Path | None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> CheckReport:
    """Measure again what the claims' verdicts rest on; the ledger is only read.

    Every setting is tried once, the cheapest first, before any is tried with a second seed. A trial is begun only if
    by its recorded time, and by how this machine compares with the one that recorded it, it ends within the budget.

    Args:
        claims: whose trials are checked.
        ledger: what was recorded; failed trials are passed over.
        budget_seconds: how long it may take.
        experiments: the folder of the newsletter's own experiments.
        jobs: how many processes of this machine; 1 measures in this one.
        progress: called before the first trial and after each.
    """
    recorded, gone = _recorded(claims, ledger, experiments)
    clock = _Clock(budget_seconds)
    waiting = {task.key: trial for trial, task in recorded}
    remeasured: list[Remeasured] = []
    cannot_run = [(trial, "its experiment is gone") for trial in gone]
    if progress:
        progress(0, len(recorded), "")
    for outcome in measured(clock.admit(recorded), jobs=jobs) if recorded else ():
        trial = waiting.pop(outcome.task.key)
        if outcome.trial is None:
            cannot_run.append((trial, outcome.cannot_run))
        else:
            clock.learn(trial.wall_seconds, outcome.trial.wall_seconds)
            remeasured.append(Remeasured(recorded=trial, here=outcome.trial, tolerance=outcome.task.tolerance))
        if progress:
            progress(len(recorded) - len(waiting), len(recorded), outcome.task.label)
    return CheckReport(
        remeasured=tuple(sorted(remeasured, key=lambda one: (one.recorded.setting, one.recorded.seed))),
        cannot_run=tuple(cannot_run),
        not_reached=tuple(waiting.values()),
    )


class _Clock:
    """Lets tasks begin as long as they will end within the budget."""

    def __init__(self, budget_seconds: float) -> None:
        self._end = time.monotonic() + budget_seconds
        self._recorded = self._here = 1.0  # as if one second had taken one second: short trials say little

    def admit(self, pairs: Iterable[tuple[Trial, Task]]) -> Iterator[Task]:
        """Yield the tasks for which there is time when they are asked for."""
        for trial, task in pairs:
            if time.monotonic() + trial.wall_seconds * self._here / self._recorded <= self._end:
                yield task

    def learn(self, recorded: float, here: float) -> None:
        """Take note of how long a trial took where it was recorded, and here."""
        self._recorded += recorded
        self._here += here


def _recorded(
    claims: Iterable[Claim], ledger: Ledger, experiments: Path | None
) -> tuple[list[tuple[Trial, Task]], list[Trial]]:
    """The trials behind the verdicts with the tasks that repeat them, in the order to try; and those without code."""
    claims, known = runnable(claims), names(experiments)
    trials = {
        (trial.setting, trial.seed): trial
        for claim in claims
        for trial in trials_of(claim, ledger, experiments=experiments)
        if trial.metrics is not None
    }
    tasks = plan([claim for claim in claims if claim.experiment in known], experiments)
    pairs = [(trials.pop(place), task) for task in tasks if (place := (task.setting, task.seed)) in trials]
    return _in_turn(pairs), list(trials.values())


def _in_turn(pairs: Sequence[tuple[Trial, Task]]) -> list[tuple[Trial, Task]]:
    """The cheapest seed of each setting, then each one's second cheapest, and so on; cheap settings first."""
    turns: dict[str, int] = {}
    ranked = []
    for trial, task in sorted(pairs, key=lambda pair: (pair[0].wall_seconds, pair[0].seed)):
        turns[trial.setting] = turns.get(trial.setting, -1) + 1
        ranked.append((turns[trial.setting], trial.wall_seconds, trial.key, trial, task))
    return [(trial, task) for *_, trial, task in sorted(ranked, key=lambda rank: rank[:3])]
