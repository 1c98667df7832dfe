"""How a verdict is put into words: the same words and signs in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from probatum.claims.claim import Claim
from probatum.claims.judge import TermResult, Verdict

SIGNS: Mapping[str, str] = {
    "supported": "✓",
    "refuted": "✗",
    "not enough info": "?",
    "not run": "○",
    "stale": "↻",
    "cannot run": "∅",
}


def verdict_words(claim: Claim, verdict: Verdict) -> str:
    """The verdict by sign and word: `✓ supported`.

    Only an exact test that was supported is called reproduced; an analogue never is.
    """
    words = f"{SIGNS[verdict.state]} {verdict.state}"
    if verdict.state == "stale" and verdict.was:
        words += f" (was: {verdict.was})"
    if verdict.state == "supported" and claim.question == "reproduce" and claim.scope == "exact":
        words += " (reproduced)"
    if verdict.expectation_changed:
        words += ", expectation changed after measuring"
    return words


def evidence(claim: Claim, verdict: Verdict) -> str:
    """What stands beside the verdict: reported and measured value, interval, n, scope, in one line."""
    parts = [f"reported: {claim.reported}", f"measured: {measured(verdict)}"]
    if verdict.expect:
        parts.append(f"expected: {verdict.expect}")
    parts.append(f"{claim.question}, {claim.scope} scope")
    if verdict.note:
        parts.append(verdict.note)
    if verdict.carried_from:
        parts.append(f"carried from code {verdict.carried_from[:8]}")
    return " · ".join(parts)


def measured(verdict: Verdict) -> str:
    """The measured value with its interval and n, or a dash; every term of a conjunction."""
    if verdict.measured is None:
        return "–"
    terms = (
        f"{term.expression} = {number(term.measured)}{_behind(term, verdict)}"
        for term in verdict.terms
        if term.measured is not None
    )
    return f"{' and '.join(terms)}, n = {verdict.n}"


def _behind(term: TermResult, verdict: Verdict) -> str:
    said = interval(term.low, term.high, verdict.n)
    return {"": "", "exact": " (exact)"}.get(said, f" (95 % interval {said})")


def interval(low: float | None, high: float | None, n: int) -> str:
    """An interval as one reads it: `exact` where a single value has no chance in it, nothing where there is none."""
    if low is None or high is None:
        return ""
    return "exact" if n == 1 else f"{number(low)} to {number(high)}"


def number(value: float) -> str:
    """A number as one reads it: four significant digits, a true minus sign.

    >>> number(-5.43219), number(1.68e-23), number(0.09)
    ('−5.432', '1.68e−23', '0.09')
    """
    return f"{value:.4g}".replace("-", "−")


def denominator(claims: Iterable[Claim], verdicts: Mapping[str, Verdict]) -> str:
    """How many claims there are, how many were run, and how they came out: nothing is left uncounted."""
    states = Counter(verdicts[claim.name].state for claim in claims)
    total = sum(states.values())
    if not total:
        return "No claims."
    judged = [f"{states[state]} {state}" for state in ("supported", "refuted", "not enough info")]
    other = [f"{states[state]} {state}" for state in ("stale", "cannot run", "not run") if states[state]]
    run = sum(states[state] for state in ("supported", "refuted", "not enough info", "stale"))
    return f"{counted(total, 'claim')}, {run} run: {', '.join(judged + other)}."


def counted(number: int, thing: str, several: str = "") -> str:
    """A number with what it counts.

    >>> counted(1, "claim"), counted(2, "entry", "entries")
    ('1 claim', '2 entries')
    """
    return f"{number:,} {thing if number == 1 else several or thing + 's'}"


def day(when: date | None) -> str:
    """A date as one reads it, or nothing.

    >>> day(date(2021, 4, 9))
    '9 April 2021'
    """
    return f"{when.day} {when:%B %Y}" if when else ""
