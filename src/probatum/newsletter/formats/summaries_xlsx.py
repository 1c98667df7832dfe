"""The whole archive as one workbook, `summaries.xlsx`: a sheet of summaries and a sheet of claims.

Every text is typed as text, so that none is a formula or a link whatever it begins with; numbers are numbers.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from pathlib import Path
from typing import Any

from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.rows import CLAIM_COLUMNS, ENTRY_COLUMNS, Cell, claim_rows, entry_rows

BULK = True
"""Holds all entries: a serve loop brings it up to date when somebody asks for it."""

LONGEST = 32_767
"""UTF-16 units in a cell, beyond which Excel calls the file damaged."""

_CUT = " … [cut: a cell holds no more; see {page}]"
_EARLY = date(1980, 1, 1)
_WIDTHS = {
    "Title": 50, "Authors": 30, "Summary": 60, "My opinion": 40, "URL": 30, "Claimed": 50, "Claim": 30,
    "Verdicts": 24, "Verdict": 24, "Reported": 40, "Measured": 24, "Interval": 24, "Evidence": 40,
    "Expected": 24,
}  # fmt: skip
_WRAPPED = {"Claim ids", "Claimed", "Verdicts", "Reported", "Measured", "Interval", "N", "Scope"}

Row = Sequence[Cell]


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `summaries.xlsx`."""
    config = newsletter.config
    properties = {"title": config.title, "author": config.editor, "created": _created(newsletter)}
    entries, claims = tuple(entry_rows(newsletter)), tuple(claim_rows(newsletter))
    inputs = (tuple(properties.items()), entries, claims)
    return [out.derive("summaries.xlsx", inputs, lambda: _workbook(properties, entries, claims))]


def _created(newsletter: Newsletter) -> datetime:
    """The last issue's date, so that equal content makes equal bytes."""
    newest = max((issue.date for issue in newsletter.issues if issue.date), default=_EARLY)
    return datetime.combine(newest, time())


def _workbook(properties: Mapping[str, object], entries: Sequence[Row], claims: Sequence[Row]) -> bytes:
    from xlsxwriter import Workbook

    data = io.BytesIO()
    # In memory, XlsxWriter gives every part of the file the same date.
    with Workbook(data, {"in_memory": True}) as book:
        book.set_properties(properties)
        _sheet(book, "Summaries", ENTRY_COLUMNS, entries)
        _sheet(book, "Claims", CLAIM_COLUMNS, claims)
    return data.getvalue()


def _sheet(book: Any, name: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    sheet = book.add_worksheet(name)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _WIDTHS.get(column, 14), wrapped if column in _WRAPPED else None)
    sheet.write_row(0, 0, columns, bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(rows) + 1}"})
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(line, place, _fitting(cell, str(row[-1])))
            elif cell is not None:
                number = isfinite(cell)
                (sheet.write_number if number else sheet.write_string)(line, place, cell if number else str(cell))


def _fitting(text: str, page: str) -> str:
    """Text as a cell can hold it: cut where it is too long, and says so; and never raw XML.

    XlsxWriter takes a text from `<r>` to `</r>` for a formatted one's XML; a space at its end keeps it text.
    """
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "
    if 2 * len(text) <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    cut = _CUT.format(page=page)
    return units[: 2 * (LONGEST - len(cut))].decode("utf-16-le", "ignore") + cut
