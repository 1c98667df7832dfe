"""The judge: a pure function from a claim and its trials to a verdict, by a rule fixed before measuring."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from probatum.claims.claim import Claim
from probatum.claims.expectation import Term, parse
from probatum.claims.interval import interval
from probatum.claims.trial import Trial

VerdictState = Literal["supported", "refuted", "not enough info", "not run", "stale", "cannot run"]


@dataclass(frozen=True, kw_only=True)
class TermResult:
    """One term of an expectation: mean over seeds, 95 % interval, and what it says by itself."""

    expression: str
    measured: float | None
    low: float | None
    high: float | None
    state: VerdictState


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of a claim.

    `measured`, `low` and `high` are the mean and the 95 % interval of the expectation's first term, `n` the trials
    that gave numbers, `failed` those that raised, `seeds` those asked for. `was` is what the trials of older code
    said, where the state is stale.
    """

    claim: str
    state: VerdictState
    measured: float | None = None
    expression: str = ""
    low: float | None = None
    high: float | None = None
    n: int = 0
    failed: int = 0
    seeds: int = 1
    expect: str = ""
    expectation_changed: bool = False
    was: VerdictState | None = None
    note: str = ""
    terms: tuple[TermResult, ...] = ()
    carried_from: str | None = None


def judge(claim: Claim, trials: Iterable[Trial], *, code: str | None, expectation_changed: bool = False) -> Verdict:
    """Judge a claim by its trials.

    *supported* when the 95 % interval (Student's t over seeds) of every term lies inside its region, *refuted* when
    that of one lies wholly outside, else *not enough info*. A recomputation with one seed has no chance in it: its
    value decides. Any failed seed makes it *not enough info*, and nothing is judged before all seeds have run.

    Args:
        claim: what is claimed and expected.
        trials: all trials of the claim's setting, of any code and seed.
        code: the digest of the present code, None where the experiment is gone; where only another code has run
            all seeds, the verdict is *stale*.
        expectation_changed: whether the claim expects something else than when it was first measured.
    """
    if claim.cannot_run:
        return Verdict(claim=claim.name, state="cannot run", note=claim.cannot_run, seeds=claim.seeds)
    if not claim.experiment or not claim.expect:
        return Verdict(claim=claim.name, state="not run", seeds=claim.seeds, expect=claim.expect or "")
    chosen = evidence(claim, trials, code=code)
    good = [trial for trial in chosen if trial.metrics is not None]
    terms, note = _terms(claim, good)
    state: VerdictState
    if len(chosen) < claim.seeds:
        state, note = "not run", f"{len(chosen)} of {claim.seeds} seeds run"
    elif len(good) < len(chosen):
        state, note = "not enough info", f"{len(chosen) - len(good)} of {claim.seeds} seeds failed"
    else:
        state = _together(terms)
    stale = state != "not run" and chosen[0].code != code
    return Verdict(
        claim=claim.name,
        state="stale" if stale else state,
        was=state if stale else None,
        measured=terms[0].measured,
        expression=terms[0].expression,
        low=terms[0].low,
        high=terms[0].high,
        n=len(good),
        failed=len(chosen) - len(good),
        seeds=claim.seeds,
        expect=claim.expect,
        expectation_changed=expectation_changed,
        note=note,
        terms=terms,
        carried_from=next((trial.carried_from for trial in chosen if trial.carried_from), None),
    )


def evidence(claim: Claim, trials: Iterable[Trial], *, code: str | None) -> tuple[Trial, ...]:
    """Choose the trials that a verdict rests on, in order of seeds, all of one code.

    Those of the present code, unless only an older one has run all seeds; then those of the code that ran last.
    """
    by_code: dict[str, dict[int, Trial]] = {}
    for trial in sorted(trials, key=lambda trial: trial.started):
        if 0 <= trial.seed < claim.seeds:
            by_code.setdefault(trial.code, {})[trial.seed] = trial
    complete = {other: found for other, found in by_code.items() if len(found) == claim.seeds}
    if code in complete or not complete:
        chosen = by_code.get(code or "", {})
    else:
        chosen = complete[max(complete, key=lambda other: _last(complete[other].values()))]
    return tuple(chosen[seed] for seed in sorted(chosen))


def _last(trials: Iterable[Trial]) -> tuple[str, bool, str]:
    return max((trial.started, trial.carried_from is not None, trial.code) for trial in trials)


def _terms(claim: Claim, trials: Sequence[Trial]) -> tuple[tuple[TermResult, ...], str]:
    """Each term over the trials that gave numbers, and what is wrong with those numbers if something is."""
    exact = claim.question == "recompute" and claim.seeds == 1
    results, notes = [], []
    for term in parse(claim.expect or "").terms:
        values = [term.value(trial.metrics or {}) for trial in trials]
        odd = [f"{value} with seed {trial.seed}" for value, trial in zip(values, trials, strict=True)
               if not math.isfinite(value)]  # fmt: skip
        if odd:
            lacking = [name for name in term.metrics if name not in (trials[0].metrics or {})]
            notes.append(
                f"the experiment measures no {lacking[0]!r}" if lacking else f"{term.expression} is {', '.join(odd)}"
            )
        elif len(values) == 1 and not exact:
            notes.append("one seed gives no interval")
        results.append(_result(term, [] if odd else values, exact=exact, complete=len(trials) == claim.seeds))
    return tuple(results), "; ".join(dict.fromkeys(notes))


def _result(term: Term, values: Sequence[float], *, exact: bool, complete: bool) -> TermResult:
    mean = low = high = None
    state: VerdictState = "not enough info"
    if len(values) == 1:
        mean = values[0]
        low = high = mean if exact else None
    elif values and all(map(math.isfinite, found := interval(values))):
        mean, low, high = found
    if complete and low is not None and high is not None:
        if term.holds(low, high):
            state = "supported"
        elif term.excludes(low, high):
            state = "refuted"
    return TermResult(expression=term.expression, measured=mean, low=low, high=high, state=state)


def _together(terms: Sequence[TermResult]) -> VerdictState:
    """A conjunction is supported when all its terms are, and refuted when one of them is."""
    states = {term.state for term in terms}
    return "refuted" if "refuted" in states else "not enough info" if "not enough info" in states else "supported"
