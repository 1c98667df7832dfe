"""The whole archive as plain tables: `summaries.csv` has a row for each entry, `claims.csv` for each claim.

UTF-8 with a byte-order mark (without it Excel reads Latin-1) and RFC 4180 quoting. A text that a spreadsheet
would take for a formula, one that begins with `= + - @`, tab or line break, gets an apostrophe before it;
`rows.unguarded` takes it away again. Numbers are written as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.rows import CLAIM_COLUMNS, ENTRY_COLUMNS, Cell, claim_rows, entry_rows, guarded

BULK = True
"""Holds all entries: a serve loop brings it up to date when somebody asks for it."""


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `summaries.csv` and `claims.csv`."""
    entries, claims = tuple(entry_rows(newsletter)), tuple(claim_rows(newsletter))
    return [
        out.derive("summaries.csv", entries, lambda: _table(ENTRY_COLUMNS, entries)),
        out.derive("claims.csv", claims, lambda: _table(CLAIM_COLUMNS, claims)),
    ]


def _table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
