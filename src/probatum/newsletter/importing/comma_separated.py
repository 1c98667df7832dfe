"""A CSV file as text cells: UTF-8, with or without a byte order mark.

Our own CSV files put an apostrophe before what a spreadsheet program would take for a formula; it is taken
off again.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from probatum.errors import ProbatumError
from probatum.newsletter.importing.limits import Limits
from probatum.newsletter.importing.table import ENTRY, PAGE, Table


def read_csv(path: Path, limits: Limits) -> Table:
    """Read the cells of a CSV file.

    Raises:
        ProbatumError: it is not UTF-8, its quotes do not match, or it is larger than the limits allow.
    """
    rows: dict[int, dict[int, str]] = {}
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(lines, 1):
            if filled := {column: text for column, text in enumerate(cells) if text}:
                limits.hold(str(path), "rows", len(rows))
                limits.hold(str(path), "cell", max(map(len, filled.values())), number)
                rows[number] = filled
    except csv.Error as error:
        raise ProbatumError(
            f"{path}: row {number + 1}, which ends on line {lines.line_num}, is not CSV ({error}); separate "
            'cells by commas, put text that holds commas, quotes or lines in "…" and double its quotes'
        ) from error
    header = rows[min(rows)].values() if rows else ()
    if ENTRY in header and PAGE in header:
        rows = {number: _unguarded(cells) for number, cells in rows.items()}
    return Table(source=str(path), rows=rows, links={})


def _unguarded(cells: dict[int, str]) -> dict[int, str]:
    from probatum.newsletter.parts.rows import unguarded

    return {column: unguarded(text) for column, text in cells.items()}


def _text(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ProbatumError(f"{path}: is UTF-16; save it as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x} on line {line} is not UTF-8"
        raise ProbatumError(f"{path}: {found}; save it as CSV in UTF-8") from error
