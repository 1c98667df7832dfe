"""A sheet's rows, with their cells by the names of the columns: found by the header, not by position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from probatum.errors import ProbatumError

COLUMNS = (
    "Category", "Highlight?", "Title", "Authors", "Venue", "Year", "H/T", "Email", "Summarizer", "Summary",
    "My opinion", "Prerequisites", "Read more", "URL",
)  # fmt: skip
"""The columns of the Alignment Newsletter's public sheet."""

REQUIRED = ("Category", "Title", "Email", "Summarizer", "Summary", "My opinion")
"""Without these it is some other sheet; the rest may be missing, as URL is where titles are hyperlinks."""

ENTRY, PAGE = "Entry", "Page"
"""Id and address of an entry: the sheets that we write ourselves have both."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Filled cells by row number (from 1) and column (from 0), and the addresses behind cells."""

    source: str
    rows: Mapping[int, Mapping[int, str]]
    links: Mapping[tuple[int, int], str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the sheet: cells and hyperlinks by column name."""

    number: int
    cells: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The rows below the header; `unknown` counts the filled cells of columns that entries do not have."""

    rows: tuple[Row, ...]
    unknown: Mapping[str, int]


def sheet_of(table: Table) -> Sheet:
    """Find the columns by the first filled row, and give every other row its cells by name.

    Raises:
        ProbatumError: a column is missing or stands twice.
    """
    if not table.rows:
        raise ProbatumError(f"{table.source}: is empty; its first row should have {', '.join(COLUMNS)}")
    head, *numbers = sorted(table.rows)
    names = _names(table, table.rows[head])
    by_column = {column: name for name, column in names.items()}
    unknown: dict[str, int] = {}
    rows = []
    for number in numbers:
        cells = table.rows[number]
        known = {by_column[column]: text for column, text in cells.items() if column in by_column}
        for column in cells.keys() - by_column.keys():
            name = table.rows[head].get(column, f"number {column + 1}, which has no name").strip()
            unknown[name] = unknown.get(name, 0) + 1
        links = {name: url for name, column in names.items() if (url := table.links.get((number, column)))}
        if any(text.strip() for text in known.values()):
            rows.append(Row(number=number, cells=known, links=links))
    return Sheet(rows=tuple(rows), unknown=dict(sorted(unknown.items())))


def _names(table: Table, header: Mapping[int, str]) -> dict[str, int]:
    ours = (ENTRY, PAGE) if {ENTRY, PAGE} <= set(header.values()) else ()
    wanted = {_key(name): name for name in (*COLUMNS, *ours)}
    found: dict[str, int] = {}
    for column, text in sorted(header.items()):
        name = wanted.get(_key(text))
        if name in found:
            raise ProbatumError(f"{table.source}: the first row has the column {name!r} twice; rename one")
        if name:
            found[name] = column
    if missing := [name for name in REQUIRED if name not in found]:
        there = ", ".join(repr(text.strip()[:40]) for _, text in sorted(header.items())[:30])
        raise ProbatumError(
            f"{table.source}: no column {', '.join(map(repr, missing))}; the first row has {there}, "
            f"and should have {', '.join(COLUMNS)} (in any order)"
        )
    return found


def _key(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.casefold())
