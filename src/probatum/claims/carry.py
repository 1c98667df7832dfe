"""Spares a refactoring hours of measuring: where one seed gives the same under the new code, the others are carried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.comparing import Remeasured
from probatum.claims.history import Change, record_verdicts
from probatum.claims.ledger import Ledger
from probatum.claims.plan import Task, plan, runnable
from probatum.claims.standing import standing
from probatum.claims.trial import Trial
from probatum.claims.workers import Progress, measured


@dataclass(frozen=True, kw_only=True)
class CarryReport:
    """What came of carrying: a probe for each setting, the trials carried over, and why others were not."""

    probes: tuple[Remeasured, ...]
    carried: tuple[Trial, ...]
    cannot_run: tuple[tuple[Trial, str], ...]
    changes: tuple[Change, ...]

    def summary(self) -> str:
        """How many trials were carried over, and each setting that stays stale in a line of its own."""
        agreed = sum(probe.agrees for probe in self.probes)
        lines = [f"{len(self.carried)} trials carried over; {agreed} of {len(self.probes)} probes agree."]
        lines += [f"  stays stale: {probe.describe()}" for probe in self.probes if not probe.agrees]
        lines += [f"  stays stale: {trial.setting} cannot run here ({reason})" for trial, reason in self.cannot_run]
        return "\n".join(lines)


@dataclass(frozen=True)
class _Setting:
    """The seeds of one setting that one older code has measured and the present code has not, and the probe."""

    stale: tuple[tuple[Trial, Task], ...]
    probe: tuple[Trial, Task]


def carry(
    claims: Iterable[Claim],
    ledger: Ledger,
    *,
    experiments: Path | None,
    jobs: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> CarryReport:
    """Measure one seed of each stale setting again; where it agrees, carry the other seeds over to the present code.

    It agrees if every metric is the same to the last bit, or within the tolerance of the strictest claim that uses
    it. What is carried is a record of its own that names the code that measured it. The probe is kept as well,
    whether it agrees or not: it is a trial of the present code like any other.

    Args:
        claims: whose stale trials are meant.
        ledger: where they are, and where the carried ones are appended.
        experiments: the folder of the newsletter's own experiments.
        jobs: how many processes of this machine measure the probes; 1 measures in this one.
        cluster: the address of a Dask scheduler, in place of them.
        progress: called before the first probe and after each.
    """
    claims = runnable(claims)
    settings = {found.probe[1].key: found for found in _stale(plan(claims, experiments), ledger)}
    here = {trial.key: trial for name in ledger.experiments() for trial in ledger.trials(name)}
    wanted = [found.probe[1] for key, found in settings.items() if key not in here]
    results = {key: here[key] for key in settings if key in here}
    cannot_run: list[tuple[Trial, str]] = []
    if progress:
        progress(0, len(wanted), "")
    for done, outcome in enumerate(measured(wanted, jobs=jobs, cluster=cluster) if wanted else (), 1):
        if outcome.trial is None:
            cannot_run.append((settings[outcome.task.key].probe[0], outcome.cannot_run))
        else:
            ledger.add(outcome.trial, outcome.artifacts)
            results[outcome.task.key] = outcome.trial
        if progress:
            progress(done, len(wanted), outcome.task.label)
    probes, carried = _carry_over(settings, results, ledger)
    changes = record_verdicts(claims, standing(claims, ledger, experiments=experiments), ledger)
    return CarryReport(probes=probes, carried=carried, cannot_run=tuple(cannot_run), changes=changes)


def _stale(tasks: Sequence[Task], ledger: Ledger) -> list[_Setting]:
    """Each setting of which an older code has measured seeds that the present code has not."""
    by_setting: dict[str, list[Task]] = {}
    for task in tasks:
        by_setting.setdefault(task.setting, []).append(task)
    found = []
    for setting, seeds in by_setting.items():
        trials = [trial for trial in ledger.trials(seeds[0].experiment) if trial.setting == setting]
        present = {trial.seed: trial for trial in trials if trial.code == seeds[0].code}
        old = [trial for trial in trials if trial.code != seeds[0].code and trial.metrics is not None]
        if not old:
            continue
        last = max(old, key=lambda trial: (trial.started, trial.code)).code
        task_of = {task.seed: task for task in seeds}
        both = [(trial, task_of[trial.seed]) for trial in old if trial.code == last and trial.seed in task_of]
        lacking = tuple(pair for pair in both if pair[0].seed not in present)
        if lacking:
            # A seed that both codes have measured is a probe that costs nothing, unless the present code failed on it.
            free = [pair for pair in both if (there := present.get(pair[0].seed)) and not there.carried_from]
            probe = min(free or lacking, key=lambda pair: (pair[0].wall_seconds, pair[0].seed))
            found.append(_Setting(stale=tuple(pair for pair in lacking if pair is not probe), probe=probe))
    return found


def _carry_over(
    settings: dict[str, _Setting], results: dict[str, Trial], ledger: Ledger
) -> tuple[tuple[Remeasured, ...], tuple[Trial, ...]]:
    """Compare each probe, and append the trials that it vouches for."""
    probes, carried = [], []
    for key, here in results.items():
        old, task = settings[key].probe
        probe = Remeasured(recorded=old, here=here, tolerance=task.tolerance)
        probes.append(probe)
        for trial, wanted in settings[key].stale if probe.agrees else ():
            origin = trial.carried_from or trial.code
            copy = replace(trial, key=wanted.key, code=wanted.code, carried_from=origin)
            ledger.add(copy)
            carried.append(copy)
    return tuple(probes), tuple(carried)
