"""How every claim stands by the ledger: what a build and `probatum verdicts` show, without running anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.expectation import parse
from probatum.claims.experiment import source
from probatum.claims.history import first_expectations
from probatum.claims.judge import Verdict, evidence, judge
from probatum.claims.ledger import Ledger
from probatum.claims.provenance import code_digest
from probatum.claims.trial import Trial, setting
from probatum.errors import ProbatumError

LATE = "expectation written after measuring"


def standing(claims: Iterable[Claim], ledger: Ledger, *, experiments: Path | None) -> dict[str, Verdict]:
    """The verdict of each claim, by its full name.

    Args:
        claims: all claims of a newsletter.
        ledger: what has been measured.
        experiments: the folder of the newsletter's own experiments.
    """
    first = first_expectations(ledger)
    codes: dict[str, str | None] = {}
    verdicts = {}
    for claim in claims:
        name = claim.experiment or ""
        if name not in codes:
            codes[name] = present_code(claim, experiments)
        expected = first.get(claim.name)
        changed = bool(expected and claim.expect and parse(claim.expect).digest != expected.digest)
        trials = setting_trials(claim, ledger)
        verdict = judge(claim, trials, code=codes[name], expectation_changed=changed)
        if trials and verdict.terms and (expected is None or expected.late):
            verdict = replace(verdict, note="; ".join(filter(None, [verdict.note, LATE])))
        verdicts[claim.name] = verdict
    return verdicts


def trials_of(claim: Claim, ledger: Ledger, *, experiments: Path | None = None) -> tuple[Trial, ...]:
    """The trials on which a claim's verdict rests, in order of seeds."""
    return evidence(claim, setting_trials(claim, ledger), code=present_code(claim, experiments))


def setting_trials(claim: Claim, ledger: Ledger) -> tuple[Trial, ...]:
    """All trials of a claim's experiment with its parameters, of any code and seed."""
    if not claim.experiment or claim.cannot_run:
        return ()
    wanted = setting(claim.experiment, claim.parameters)
    return tuple(trial for trial in ledger.trials(claim.experiment) if trial.setting == wanted)


def present_code(claim: Claim, experiments: Path | None) -> str | None:
    """The digest of the code that would measure a claim now; None where its experiment is gone."""
    if not claim.experiment or claim.cannot_run:
        return None
    try:
        path = source(claim.experiment, experiments)
    except ProbatumError:
        return None
    return code_digest(path)
