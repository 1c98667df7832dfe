"""The archive as plain rows, one for each entry and one for each claim: what the spreadsheets hold.

The first fourteen columns are those of the Alignment Newsletter's public sheet, in its order and notation,
so that whatever reads that sheet reads ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from probatum.claims.claim import Claim
from probatum.claims.judge import Verdict
from probatum.newsletter import urls
from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.parts.sheet_notation import SheetNotation
from probatum.newsletter.wording import interval, measured, number, verdict_words

Cell = str | int | float | None

ENTRY_COLUMNS = (
    "Category", "Highlight?", "Title", "Authors", "Venue", "Year", "H/T", "Email", "Summarizer", "Summary",
    "My opinion", "Prerequisites", "Read more", "URL",
    "Claims", "Claim ids", "Claimed", "Verdicts", "Reported", "Measured", "Interval", "N", "Scope",
    "Entry", "Page",
)  # fmt: skip
"""The Alignment Newsletter's fourteen, then the claims (a line each in a cell), then where the entry is."""

CLAIM_COLUMNS = (
    "Claim", "Entry", "Title", "Issue", "Claimed", "Source", "Reported", "Verdict", "State", "Measured as",
    "Measured", "Low", "High", "N", "Failed", "Seeds", "Evidence", "Expected", "Expectation changed", "Was",
    "Note", "Question", "Scope", "Experiment", "Parameters", "Tolerance", "Carried from", "Page",
)  # fmt: skip

_RISKY = re.compile(r"'*\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def entry_rows(newsletter: Newsletter) -> Iterator[tuple[Cell, ...]]:
    """One row for each published entry under `ENTRY_COLUMNS`, in order of appearance."""
    notation = SheetNotation(newsletter)
    for entry in newsletter.ordered:
        yield (
            *_columns(entry, notation),
            *_claim_lines(entry, newsletter),
            entry.id,
            _page(newsletter, entry),
        )


def claim_rows(newsletter: Newsletter) -> Iterator[tuple[Cell, ...]]:
    """One row for each claim under `CLAIM_COLUMNS`; measured value, interval and n are numbers."""
    for entry in newsletter.ordered:
        title = newsletter.rendered[entry.id].title.text
        for claim in entry.claims:
            verdict = newsletter.verdicts[claim.name]
            yield (
                claim.name, entry.id, title, newsletter.issue_of.get(entry.id), claim.says, claim.source,
                claim.reported, verdict_words(claim, verdict), verdict.state, verdict.expression,
                verdict.measured, verdict.low, verdict.high, verdict.n, verdict.failed, verdict.seeds,
                measured(verdict), verdict.expect, "yes" if verdict.expectation_changed else "",
                verdict.was or "", verdict.note, claim.question, claim.scope, claim.experiment or "",
                parameters(claim), claim.tolerance, verdict.carried_from or "",
                newsletter.config.url + urls.claim(claim),
            )  # fmt: skip


def parameters(claim: Claim) -> str:
    """The experiment's parameters as JSON, or nothing where there are none."""
    return json.dumps(dict(claim.parameters), sort_keys=True, ensure_ascii=False) if claim.parameters else ""


def guarded(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula when it opens a CSV file.

    >>> guarded("=HYPERLINK(1)"), guarded("a = b")
    ("'=HYPERLINK(1)", 'a = b')
    """
    return f"'{text}" if not text[:1].isalnum() and _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe of `guarded` away again: exactly what was guarded comes back.

    >>> unguarded(guarded("'-1")), unguarded("'tis")
    ("'-1", "'tis")
    """
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


def _columns(entry: Entry, notation: SheetNotation) -> tuple[Cell, ...]:
    summarizer, opinion = notation.opinions(entry)
    return (
        notation.newsletter.section(entry).name,
        "Highlight" if entry.highlight else "",
        entry.title,
        entry.authors if isinstance(entry.authors, str) else ", ".join(entry.authors),
        entry.venue,
        entry.year,
        entry.hat_tip,
        notation.email(entry),
        summarizer,
        notation.text(entry, entry.summary),
        notation.text(entry, opinion),
        notation.text(entry, entry.prerequisites),
        notation.text(entry, entry.read_more),
        entry.url,
    )


def _claim_lines(entry: Entry, newsletter: Newsletter) -> tuple[Cell, ...]:
    """The claims of one entry: how many, then a cell for each column with one line for each claim."""
    both = [(claim, newsletter.verdicts[claim.name]) for claim in entry.claims]
    return (len(both), *("\n".join(" ".join(line(*pair).split()) for pair in both) for line in _LINES))


def _measured(_: Claim, verdict: Verdict) -> str:
    terms = (f"{term.expression} = {number(term.measured)}" for term in verdict.terms if term.measured is not None)
    return " and ".join(terms) or "–"


_LINES: tuple[Callable[[Claim, Verdict], str], ...] = (
    lambda claim, _: claim.id,
    lambda claim, _: claim.says,
    verdict_words,
    lambda claim, _: claim.reported,
    _measured,
    lambda _, verdict: interval(verdict.low, verdict.high, verdict.n) or "–",
    lambda _, verdict: str(verdict.n),
    lambda claim, _: f"{claim.scope} ({claim.question})",
)


def _page(newsletter: Newsletter, entry: Entry) -> str:
    return newsletter.config.url + urls.entry(entry)
