"""How every claim stands by the ledger: what a build and `probatum verdicts` show, without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.expectation import parse
from probatum.claims.experiment import source
from probatum.claims.judge import Verdict, judge
from probatum.claims.ledger import Ledger
from probatum.claims.provenance import code_digest
from probatum.claims.trial import Trial


def standing(claims: Iterable[Claim], ledger: Ledger, *, experiments: Path | None) -> dict[str, Verdict]:
    """The verdict of each claim, by its full name.

    Args:
        claims: all claims of a newsletter.
        ledger: what has been measured.
        experiments: the folder of the newsletter's own experiments.
    """
    return {claim.name: verdict_of(claim, ledger, experiments=experiments) for claim in claims}


def verdict_of(claim: Claim, ledger: Ledger, *, experiments: Path | None) -> Verdict:
    """The verdict of one claim; an experiment that is gone makes it stale."""
    if not claim.experiment or claim.cannot_run:
        return judge(claim, ())
    code = code_digest(source(claim.experiment, experiments))
    changed = expectation_changed(claim, ledger)
    return judge(claim, trials_of(claim, ledger, code=code), code=code, expectation_changed=changed)


def trials_of(claim: Claim, ledger: Ledger, *, code: str | None = None) -> tuple[Trial, ...]:
    """The trials that a claim rests on, by seed: of the present code where there is one, else the latest."""
    if not claim.experiment:
        return ()
    best: dict[int, Trial] = {}
    wanted = dict(claim.parameters)
    for trial in ledger.trials(claim.experiment):
        if trial.parameters == wanted and 0 <= trial.seed < claim.seeds:
            present = best.get(trial.seed)
            if present is None or _rank(trial, code) > _rank(present, code):
                best[trial.seed] = trial
    return tuple(best[seed] for seed in sorted(best))


def _rank(trial: Trial, code: str | None) -> tuple[bool, str, str]:
    return trial.code == code, trial.started, trial.key


def expectation_changed(claim: Claim, ledger: Ledger) -> bool:
    """Whether the claim expects something else than it did when its first trial was about to run."""
    if not claim.experiment or not claim.expect:
        return False
    return any(
        record["digest"] != parse(claim.expect).digest
        for record in ledger.records(claim.experiment)
        if record["kind"] == "expectation" and record["claim"] == claim.name
    )


def history(claim: Claim, ledger: Ledger) -> list[Mapping[str, str]]:
    """The claim's verdicts in time: records with `state`, `at`, and the numbers that it rested on."""
    records = ledger.records(claim.experiment) if claim.experiment else ()
    mine = [record for record in records if record["kind"] == "verdict" and record["claim"] == claim.name]
    return sorted(mine, key=lambda record: str(record["at"]))
