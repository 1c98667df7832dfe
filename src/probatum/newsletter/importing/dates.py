"""Dates and titles of issues, which the sheet does not have: a CSV file with number, date and title."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from probatum.errors import ProbatumError
from probatum.newsletter.importing.cell_text import one_line
from probatum.newsletter.importing.comma_separated import read_csv
from probatum.newsletter.importing.limits import Limits


@dataclass(frozen=True)
class Dated:
    """When an issue appeared (as YYYY-MM-DD, or nothing) and what it is called (or nothing)."""

    date: str = ""
    title: str = ""


def read_dates(path: Path, limits: Limits) -> dict[int, Dated]:
    """Read what is known of issues, by number.

    Raises:
        ProbatumError: naming the line whose number or date is none.
    """
    rows = read_csv(path, limits).rows
    head, *numbers = sorted(rows) or [0]
    columns = {text.strip().casefold(): column for column, text in rows.get(head, {}).items()}
    if "number" not in columns or not columns.keys() & {"date", "title"}:
        found = ", ".join(columns) or "nothing"
        raise ProbatumError(f"{path}: the first row has {found}, and should have number, date, title")
    found_dates: dict[int, Dated] = {}
    for line in numbers:
        cell = {name: one_line(rows[line].get(column, "")) for name, column in columns.items()}
        number = _number(path, line, cell)
        if number in found_dates:
            raise ProbatumError(f"{path}, row {line}: issue {number} stands twice")
        found_dates[number] = Dated(date=_date(path, line, cell), title=cell.get("title", ""))
    return found_dates


def _number(path: Path, line: int, cell: Mapping[str, str]) -> int:
    text = cell["number"]
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise ProbatumError(f"{path}, row {line}: {text!r} is no issue number; write digits only, as 147")
    return int(text)


def _date(path: Path, line: int, cell: Mapping[str, str]) -> str:
    text = cell.get("date", "")
    try:
        return datetime.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ProbatumError(f"{path}, row {line}: {text!r} is no date; write it as 2021-04-21") from None
