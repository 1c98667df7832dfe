"""Measures recorded trials again, cheapest first and within a budget of time, and says where this machine disagrees."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
    clock = _Clock(budget_seconds, jobs)
    pairs = {task.key: (trial, task) for trial, task in recorded}
    remeasured: list[Remeasured] = []
    cannot_run = [(trial, "its experiment is gone") for trial in gone]
    if progress:
        progress(0, len(recorded), "")
    for outcome in measured(clock.admit(recorded), jobs=jobs):
        trial, task = pairs.pop(outcome.task.key)
        if outcome.trial is None:
            cannot_run.append((trial, outcome.cannot_run))
        else:
            clock.learn(trial.wall_seconds, outcome.trial.wall_seconds)
            stale = trial.code != task.code
            one = Remeasured(recorded=trial, here=outcome.trial, stale=stale, tolerance=task.tolerance)
            remeasured.append(one)
        if progress:
            progress(len(recorded) - len(pairs), len(recorded), task.label)
    return CheckReport(
        remeasured=tuple(sorted(remeasured, key=lambda one: (one.recorded.setting, one.recorded.seed))),
        cannot_run=tuple(cannot_run),
        not_reached=tuple(trial for trial, _ in pairs.values()),
    )


def _recorded(
    claims: Iterable[Claim], ledger: Ledger, experiments: Path | None
) -> tuple[list[tuple[Trial, Task]], list[Trial]]:
    """The trials behind the verdicts with the tasks that repeat them, in the order to try; and those without code."""
    known = names(experiments)
    found: dict[str, Trial] = {}
    gone: dict[str, Trial] = {}
    here = []
    for claim in runnable(claims):
        present = claim.experiment in known
        here += [claim] if present else []
        for trial in trials_of(claim, ledger, experiments=experiments):
            if trial.metrics is not None:
                (found if present else gone)[f"{trial.setting} {trial.seed}"] = trial
    tasks = {_place(task): task for task in plan(here, experiments)}
    pairs = [(trial, tasks[place]) for place, trial in found.items() if place in tasks]
    return _in_turn(pairs), list(gone.values())


def _place(task: Task) -> str:
    from probatum.claims.trial import setting

    return f"{setting(task.experiment, task.parameters)} {task.seed}"


def _in_turn(pairs: Sequence[tuple[Trial, Task]]) -> list[tuple[Trial, Task]]:
    """The cheapest seed of each setting, then each one's second cheapest, and so on; cheap settings first."""
    turns: dict[str, int] = {}
    ranked = []
    for trial, task in sorted(pairs, key=lambda pair: (pair[0].wall_seconds, pair[0].seed)):
        turns[trial.setting] = turns.get(trial.setting, -1) + 1
        ranked.append((turns[trial.setting], trial.wall_seconds, trial.key, trial, task))
    return [(trial, task) for *_, trial, task in sorted(ranked, key=lambda rank: rank[:3])]
