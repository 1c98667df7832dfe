"""Search in `archive.db` for the words, "whole phrases" and begin* that somebody typed, best entry first."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.claims.judge import VerdictState
from probatum.errors import ProbatumError
from probatum.newsletter.parts.archive_schema import SEARCHED

_WORD = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_QUERY = 400
_MOST_TERMS = 16
_MOST_HITS = 200

_WEIGHTS = ", ".join(str(weight) for weight in SEARCHED["entries"].values())
_COLUMNS = """
    entries.id, entries.title, entries.authors, entries.year, entries.category, entries.issue, entries.page,
    (SELECT group_concat(verdict, char(10)) FROM claims WHERE claims.entry = entries.id)"""
_CLAIMED = """(
    SELECT entries.rowid FROM claims JOIN entries ON entries.id = claims.entry WHERE claims.state = :state
)"""

# Ranked first and quoted afterwards: a snippet of every entry that matches would take longer than the search.
_RANKED = f"""
    WITH ranked AS MATERIALIZED (
        SELECT rowid AS number, bm25(entries_fts, {_WEIGHTS}) AS score FROM entries_fts
        WHERE entries_fts MATCH :match AND (:state IS NULL OR rowid IN {_CLAIMED})
        ORDER BY score, number LIMIT :limit
    )
    SELECT {_COLUMNS}, snippet(entries_fts, -1, char(2), char(3), '…', 24), -ranked.score
    FROM ranked
        JOIN entries ON entries.rowid = ranked.number
        JOIN entries_fts ON entries_fts.rowid = ranked.number
    WHERE entries_fts MATCH :match ORDER BY ranked.score, ranked.number"""
_WITH_CLAIM = f"""
    SELECT {_COLUMNS}, '', 0.0 FROM entries
    WHERE rowid IN {_CLAIMED} ORDER BY entries.issue DESC, entries.rowid LIMIT :limit"""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An entry that was found.

    `quote` is a piece of its text cut where words were found: every second piece, from `quote[1]` on, is a
    match. `score` is larger for a better match. `verdicts` are those of its claims, by sign and word.
    """

    entry: str
    title: str
    authors: str
    year: int | None
    category: str
    issue: int | None
    page: str
    verdicts: tuple[str, ...]
    quote: tuple[str, ...]
    score: float


def search(database: Path, query: str, *, limit: int = 20, verdict: VerdictState | None = None) -> tuple[Hit, ...]:
    """Find entries in an archive.

    Entries with all words come back; where there are none, those with any. No text is wrong syntax.

    Args:
        database: the file `archive.db` of a build.
        query: words, `"phrases"` and `begin*`; empty with a `verdict` lists every entry with such a claim.
        limit: most hits to return, at most 200.
        verdict: only entries with a claim in this state, such as `refuted`.

    Raises:
        ProbatumError: the file is not there, or is no archive.
    """
    if not database.is_file():
        raise ProbatumError(f"{database}: no such file; `probatum build` writes it")
    values = {"state": verdict, "limit": max(0, min(limit, _MOST_HITS))}
    statements = _statements(query, verdict)
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            answers = (connection.execute(sql, values | {"match": match}) for sql, match in statements)
            return next((hits for answer in answers if (hits := tuple(map(_hit, answer)))), ())
    except sqlite3.DatabaseError as error:
        raise ProbatumError(f"{database} is no archive of a build ({error}): build it again") from error


def _statements(query: str, verdict: VerdictState | None) -> list[tuple[str, str]]:
    """What to ask, each only if those before it found nothing."""
    terms = _terms(query)
    if terms:
        return [(_RANKED, " AND ".join(terms)), (_RANKED, " OR ".join(terms))][: len(terms)]
    return [(_WITH_CLAIM, "")] if verdict and not query.strip() else []


def _terms(query: str) -> list[str]:
    """What was typed as terms in FTS5's quotes, inside which nothing is an operator.

    >>> _terms('reward "inverse learning" hack* NEAR(')
    ['"reward"', '"inverse learning"', '"hack"*', '"NEAR("']
    """
    terms = []
    for phrase, star, word in _WORD.findall(query[:_LONGEST_QUERY].replace("\0", " ")):
        text = phrase or word.rstrip("*")
        if any(letter.isalnum() for letter in text):
            terms.append(f'"{text}"{"*" if star or word.endswith("*") else ""}')
    return terms[:_MOST_TERMS]


def _hit(row: Sequence[Any]) -> Hit:
    entry, title, authors, year, category, issue, page, verdicts, quote, score = row
    return Hit(
        entry=entry,
        title=_shown(title),
        authors=_shown(authors or ""),
        year=year,
        category=category,
        issue=issue,
        page=page,
        verdicts=tuple(verdicts.split("\n")) if verdicts else (),
        quote=tuple(_shown(piece) for piece in re.split("[\x02\x03]", quote)) if quote else (),
        score=score,
    )


def _shown(text: str) -> str:
    """Text without line breaks and without what would move a terminal's cursor."""
    return _CONTROL.sub(" ", text)
