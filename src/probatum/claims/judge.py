"""The judge: a pure function from a claim and its trials to a verdict, by a rule fixed before measuring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from probatum.claims.claim import Claim
from probatum.claims.expectation import Term, parse
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
    that gave a number, `failed` those that raised, `seeds` those asked for. `was` is what the trials of older code
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


def judge(
    claim: Claim, trials: Sequence[Trial], *, code: str | None = None, expectation_changed: bool = False
) -> Verdict:
    """Judge a claim by its trials: one of each seed, the latest.

    *supported* when the 95 % interval (Student's t over seeds) of every term lies inside its region, *refuted* when
    that of one lies wholly outside, else *not enough info*. A recomputation has no randomness: its one value decides.
    Any failed seed makes it *not enough info*, and no verdict is passed before all seeds have run.

    Args:
        claim: what is claimed and expected.
        trials: its trials, seeds 0 to `claim.seeds` - 1.
        code: the digest of the present code; trials of other code make the verdict *stale*.
        expectation_changed: whether the expectation is another than at the first trial.
    """
    if claim.cannot_run:
        return Verdict(claim=claim.name, state="cannot run", note=claim.cannot_run, seeds=claim.seeds)
    if not claim.experiment or not claim.expect:
        return Verdict(claim=claim.name, state="not run", seeds=claim.seeds, expect=claim.expect or "")
    good = [trial for trial in trials if trial.metrics is not None]
    terms = tuple(_term(term, good, claim) for term in parse(claim.expect).terms)
    state, note = _state(claim, trials, terms)
    old = code is not None and any(trial.code != code for trial in trials)
    return Verdict(
        claim=claim.name,
        state="stale" if old else state,
        was=state if old else None,
        measured=terms[0].measured,
        expression=terms[0].expression,
        low=terms[0].low,
        high=terms[0].high,
        n=len(good),
        failed=len(trials) - len(good),
        seeds=claim.seeds,
        expect=claim.expect,
        expectation_changed=expectation_changed,
        note=note,
        terms=terms,
        carried_from=next((trial.carried_from for trial in trials if trial.carried_from), None),
    )


def _state(claim: Claim, trials: Sequence[Trial], terms: Sequence[TermResult]) -> tuple[VerdictState, str]:
    failed = sum(trial.metrics is None for trial in trials)
    if len(trials) < claim.seeds:
        return "not run", f"{len(trials)} of {claim.seeds} seeds run" if trials else ""
    if failed:
        return "not enough info", f"{failed} of {claim.seeds} seeds failed"
    if any(term.measured is None for term in terms):
        missing = ", ".join(term.expression for term in terms if term.measured is None)
        return "not enough info", f"the experiment gave no number for {missing}"
    states = {term.state for term in terms}
    if "refuted" in states:
        return "refuted", ""
    return ("supported", "") if states == {"supported"} else ("not enough info", "")


def _term(term: Term, trials: Sequence[Trial], claim: Claim) -> TermResult:
    try:
        values = [term.value(trial.metrics or {}) for trial in trials]
    except KeyError:
        values = [math.nan]
    if not values or not all(math.isfinite(value) for value in values):
        return TermResult(expression=term.expression, measured=None, low=None, high=None, state="not enough info")
    mean, low, high = _interval(values, exact=claim.question == "recompute")
    state: VerdictState = "not enough info"
    if low is not None and high is not None:
        if term.holds(low) and term.holds(high):
            state = "supported"
        elif _apart(term, low, high):
            state = "refuted"
    return TermResult(expression=term.expression, measured=mean, low=low, high=high, state=state)


def _apart(term: Term, low: float, high: float) -> bool:
    """Whether no number from `low` to `high` lies in the term's region."""
    below = high < term.low or (high == term.low and term.low_open)
    above = low > term.high or (low == term.high and term.high_open)
    return below or above


def _interval(values: Sequence[float], *, exact: bool) -> tuple[float, float | None, float | None]:
    """Mean and 95 % interval: Student's t over seeds; a single value is its own interval where it is exact."""
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return (mean, mean, mean) if exact else (mean, None, None)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = _t_quantile(n - 1) * spread / math.sqrt(n)
    return mean, mean - half, mean + half


def _t_quantile(freedom: int) -> float:
    """The 97.5 % point of Student's t; scipy's special functions load faster than its distributions."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
