"""What claims that were measured before add to a build: reading the ledger, digesting code, judging."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measured import cpu_seconds

from probatum.claims.claim import Claim
from probatum.claims.history import JUDGED
from probatum.claims.ledger import Ledger
from probatum.claims.provenance import code_digest, environment, trial_key
from probatum.claims.standing import standing, trials_of
from probatum.claims.trial import Trial, canonical
from probatum.newsletter.reading.reader import read_source

_EXPERIMENT = '''\
"""A synthetic experiment that imports a little of the package, as real ones do."""

import numpy as np

from probatum.errors import CannotRun


def {name}(*, seed: int, shift: float) -> dict[str, float]:
    """Draw a number."""
    if shift < 0:
        raise CannotRun("shift is below 0")
    return {{"value": shift + np.random.default_rng(seed).normal()}}
'''


@dataclass(frozen=True, kw_only=True)
class Standing:
    """CPU seconds to judge claims from a cold start, and then to fetch their trials, as a build does."""

    claims: int
    trials: int
    judged: int
    standing: float
    trials_of: float


def of_newsletter(newsletter: Path) -> Standing:
    """Judge the claims of a newsletter."""
    source = read_source(newsletter)
    claims = [claim for file in source.entries.values() for claim in file.entry.claims]
    return _measure(claims, source.ledger, source.experiments)


def of_synthetic(folder: Path) -> Standing:
    """Judge the claims that `write_synthetic` has put into a folder."""
    return _measure(_claims(), Ledger(folder / "ledger"), folder / "experiments")


def write_synthetic(folder: Path) -> None:
    """Write 20 experiments of 10 claims of 5 seeds each: a ledger of 1,000 trials."""
    (folder / "experiments").mkdir(parents=True)
    (folder / "ledger").mkdir()
    chance, where = random.Random(5), environment(["numpy"])
    for name in {claim.experiment: None for claim in _claims()}:
        path = folder / "experiments" / f"{name}.py"
        path.write_text(_EXPERIMENT.format(name=name))
        code = code_digest(path)
        trials = (
            _trial(claim, seed, code, chance.gauss(float(str(claim.parameters["shift"])), 1.0), where)
            for claim in _claims()
            if claim.experiment == name
            for seed in range(claim.seeds)
        )
        lines = (canonical(trial.to_record()) + "\n" for trial in trials)
        (folder / "ledger" / f"{name}.jsonl").write_text("".join(lines))


def _claims() -> list[Claim]:
    return [
        Claim(
            entry=f"entry-{number}",
            id="a-claim",
            says="The value is above nought.",
            reported="5.0",
            question="reproduce",
            scope="reduced",
            experiment=f"synthetic_{number % 20}",
            parameters={"shift": number // 20 + 5},
            seeds=5,
            expect="value > 0 and abs(value) < 1000",
        )
        for number in range(200)
    ]


def _trial(claim: Claim, seed: int, code: str, value: float, where: dict[str, str]) -> Trial:
    name = claim.experiment or ""
    return Trial(
        key=trial_key(name, code, claim.parameters, seed),
        experiment=name,
        code=code,
        parameters=claim.parameters,
        seed=seed,
        metrics={"value": value},
        started=f"2026-01-01T00:00:{seed:02}+00:00",
        wall_seconds=1.5,
        cpu_seconds=1.25,
        peak_memory_bytes=200_000_000,
        worker="localhost:1",
        environment=where,
    )


def _measure(claims: Iterable[Claim], ledger: Ledger, experiments: Path) -> Standing:
    claims = list(claims)
    start = cpu_seconds()
    verdicts = standing(claims, ledger, experiments=experiments)
    judged = cpu_seconds()
    trials = sum(len(trials_of(claim, ledger, experiments=experiments)) for claim in claims)
    return Standing(
        claims=len(claims),
        trials=trials,
        judged=sum(verdict.state in JUDGED for verdict in verdicts.values()),
        standing=judged - start,
        trials_of=cpu_seconds() - judged,
    )
