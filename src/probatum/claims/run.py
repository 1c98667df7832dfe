"""Measures what claims need and the ledger lacks: trials that are missing, and those that other code measured."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.history import Change, first_expectations, record_expectation, record_verdicts
from probatum.claims.ledger import Ledger
from probatum.claims.plan import Task, plan, runnable
from probatum.claims.standing import setting_trials, standing
from probatum.claims.trial import Trial, setting
from probatum.claims.workers import Progress, measured


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """What a run did: trials measured, failed ones included, trials that were there already, and why some lack.

    `cannot_run` gives for each experiment and seed that this machine cannot run the reason; `changes` are verdicts
    that are new or other than before.
    """

    measured: tuple[Trial, ...]
    kept: int
    cannot_run: Mapping[str, str]
    changes: tuple[Change, ...]

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials of this run that ended with an exception."""
        return tuple(trial for trial in self.measured if trial.error is not None)

    def summary(self) -> str:
        """What was measured, what was there, what could not run; and each trial that failed in a line of its own."""
        parts = [f"{len(self.measured)} trials measured", f"{self.kept} were in the ledger already"]
        if self.failed:
            parts.append(f"{len(self.failed)} failed")
        if self.cannot_run:
            parts.append(f"{len(self.cannot_run)} cannot run here ({'; '.join(sorted(set(self.cannot_run.values())))})")
        failures = (f"  failed: {trial.experiment}, seed {trial.seed}: {_last_line(trial)}" for trial in self.failed)
        return "\n".join([f"{', '.join(parts)}.", *failures])


def _last_line(trial: Trial) -> str:
    """The end of a traceback: what went wrong."""
    return (trial.error or "").strip().rpartition("\n")[2]


def run(
    claims: Iterable[Claim],
    ledger: Ledger,
    *,
    experiments: Path | None,
    jobs: int = 1,
    cluster: str | None = None,
    seeds: Collection[int] | None = None,
    beside: Iterable[Claim] = (),
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Measure what is missing or stale, and append each trial to the ledger as soon as it is finished.

    Args:
        claims: whose trials are wanted; those without experiment or expectation are passed over.
        ledger: where trials are looked up and kept.
        experiments: the folder of the newsletter's own experiments.
        jobs: how many processes of this machine; 1 measures in this one.
        cluster: the address of a Dask scheduler, in place of them.
        seeds: only these of each claim's seeds.
        beside: the newsletter's other claims; what they expect is kept with the trials that they share.
        retry_failed: also trials that the present code has tried and that raised.
        progress: called before the first trial and after each.

    Raises:
        ProbatumError: an experiment is unknown or was edited meanwhile, a worker was killed, the ledger is damaged.
    """
    claims = runnable(claims)
    tasks = plan(claims, experiments, seeds=seeds)
    known = {trial.key: trial for name in {task.experiment for task in tasks} for trial in ledger.trials(name)}
    wanted = [task for task in tasks if not _is_settled(known.get(task.key), retry_failed)]
    expecting = _Expecting([*claims, *runnable(beside)], ledger)
    done: list[Trial] = []
    cannot_run: dict[str, str] = {}
    if progress:
        progress(0, len(wanted), "")
    for outcome in measured(wanted, jobs=jobs, cluster=cluster) if wanted else ():
        if outcome.trial is None:
            cannot_run[outcome.task.label] = outcome.cannot_run
        else:
            expecting.record(outcome.task)
            ledger.add(outcome.trial, outcome.artifacts)
            done.append(outcome.trial)
        if progress:
            progress(len(done) + len(cannot_run), len(wanted), outcome.task.label)
    changes = record_verdicts(claims, standing(claims, ledger, experiments=experiments), ledger)
    return RunReport(measured=tuple(done), kept=len(tasks) - len(wanted), cannot_run=cannot_run, changes=changes)


def _is_settled(trial: Trial | None, retry_failed: bool) -> bool:
    return trial is not None and (trial.error is None or not retry_failed)


class _Expecting:
    """Sees to it that what a claim expects is in the ledger before the first trial that it is judged by."""

    def __init__(self, claims: Sequence[Claim], ledger: Ledger) -> None:
        self._ledger = ledger
        self._recorded = set(first_expectations(ledger))
        self._waiting: dict[str, list[Claim]] = {}
        for claim in claims:
            if setting_trials(claim, ledger):
                self._record(claim, late=True)
            elif claim.experiment:
                self._waiting.setdefault(setting(claim.experiment, claim.parameters), []).append(claim)

    def record(self, task: Task) -> None:
        """Record what all claims about a task's setting expect, just before its trial is kept."""
        for claim in self._waiting.get(task.setting, ()):
            self._record(claim, late=False)

    def _record(self, claim: Claim, *, late: bool) -> None:
        if claim.name not in self._recorded:
            record_expectation(claim, self._ledger, late=late)
            self._recorded.add(claim.name)
