"""Which trials claims ask for: each is a task, and claims that need the same one share it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.experiment import source
from probatum.claims.provenance import code_digest, trial_key
from probatum.claims.trial import setting


@dataclass(frozen=True, kw_only=True)
class Task:
    """A trial to be measured: an experiment, known by name and by the digest of its code, a setting, a seed.

    `folder` holds the newsletter's own experiments. `claims` are those that need the trial.
    """

    key: str
    experiment: str
    folder: Path | None
    code: str
    parameters: dict[str, object] = field(hash=False)
    seed: int
    claims: tuple[Claim, ...] = ()

    @property
    def setting(self) -> str:
        """The experiment with its parameters, as trials have it."""
        return setting(self.experiment, self.parameters)

    @property
    def label(self) -> str:
        """What a progress bar says."""
        return f"{self.experiment}, seed {self.seed}"

    @property
    def tolerance(self) -> float:
        """How far its metrics may lie apart when it is measured again: what the strictest of its claims allows."""
        return min((claim.tolerance for claim in self.claims), default=0.0)


def runnable(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that can be measured: they have an experiment and an expectation."""
    return [claim for claim in claims if claim.experiment and claim.expect and not claim.cannot_run]


def plan(claims: Iterable[Claim], experiments: Path | None, *, seeds: Collection[int] | None = None) -> list[Task]:
    """List the trials that the claims need, each once, in the order of the claims.

    Args:
        claims: of which those without experiment or expectation are passed over.
        experiments: the folder of the newsletter's own experiments.
        seeds: only these of each claim's seeds.

    Raises:
        ProbatumError: an experiment is unknown, or is no Python.
    """
    tasks: dict[str, Task] = {}
    codes: dict[str, str] = {}
    folder = experiments.absolute() if experiments else None
    for claim in runnable(claims):
        name, parameters = claim.experiment or "", dict(claim.parameters)
        if name not in codes:
            codes[name] = code_digest(source(name, folder))
        for seed in range(claim.seeds):
            if seeds is None or seed in seeds:
                key = trial_key(name, codes[name], parameters, seed)
                task = tasks.get(key) or Task(
                    key=key, experiment=name, folder=folder, code=codes[name], parameters=parameters, seed=seed
                )
                tasks[key] = replace(task, claims=(*task.claims, claim))
    return list(tasks.values())
