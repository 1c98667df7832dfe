"""What a claim expected before it was measured, and how its verdict has changed since: both kept for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from probatum.claims.claim import Claim
from probatum.claims.expectation import parse
from probatum.claims.judge import Verdict, VerdictState
from probatum.claims.ledger import Ledger

JUDGED: frozenset[VerdictState] = frozenset({"supported", "refuted", "not enough info"})


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The expectation of a claim as it stood when its first trial was kept.

    `late`: a trial of the same setting was in the ledger already, measured for another claim, so that the numbers
    may have been known.
    """

    claim: str
    text: str
    digest: str
    at: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """A verdict that is another than the last one recorded; `was` is None for a claim's first."""

    claim: str
    was: VerdictState | None
    now: VerdictState


def first_expectations(ledger: Ledger) -> dict[str, Expected]:
    """What each claim expected at first, by its full name, even if its experiment is another one by now."""
    found: dict[str, Expected] = {}
    for experiment in ledger.experiments():
        for record in ledger.records(experiment):
            if record["kind"] == "expectation":
                expected = Expected(**{name: record[name] for name in Expected.__dataclass_fields__})
                earlier = found.get(expected.claim, expected)
                found[expected.claim] = min(earlier, expected, key=lambda one: (one.at, one.digest))
    return found


def record_expectation(claim: Claim, ledger: Ledger, *, late: bool) -> None:
    """Write down what a claim expects; to be called before its first trial is kept, and only then."""
    expectation = parse(claim.expect or "")
    expected = Expected(claim=claim.name, text=expectation.text, digest=expectation.digest, at=now(), late=late)
    ledger.append(claim.experiment or "", {"kind": "expectation"} | asdict(expected))


def verdicts_of(claim: Claim, ledger: Ledger) -> list[Mapping[str, object]]:
    """The claim's verdicts in time: records with `state`, `at`, and the numbers on which it rested."""
    records = ledger.records(claim.experiment) if claim.experiment else ()
    mine = [record for record in records if record["kind"] == "verdict" and record["claim"] == claim.name]
    return sorted(mine, key=lambda record: str(record["at"]))


def record_verdicts(claims: Iterable[Claim], verdicts: Mapping[str, Verdict], ledger: Ledger) -> tuple[Change, ...]:
    """Append each verdict that passes judgement and is another than the last, and say which those are."""
    changes = []
    for claim in claims:
        verdict = verdicts[claim.name]
        past = verdicts_of(claim, ledger)
        was = past[-1]["state"] if past else None
        if verdict.state in JUDGED and verdict.state != was:
            numbers = {name: getattr(verdict, name) for name in ("measured", "low", "high", "n", "expect")}
            record = {"kind": "verdict", "claim": claim.name, "state": verdict.state, "at": now()} | numbers
            ledger.append(claim.experiment or "", record)
            changes.append(Change(claim=claim.name, was=was, now=verdict.state))  # type: ignore[arg-type]
    return tuple(changes)


def now() -> str:
    """The time in UTC, ISO 8601, to the microsecond: what the ledger orders records by."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
