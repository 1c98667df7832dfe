"""Examples in a table of text: one state a line, with or without names in the first line."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from probatum.control.environments.spaces import Spaces
from probatum.control.examples.named_arrays import pick_columns
from probatum.errors import ProbatumError

DELIMITERS = ",;\t "


def read_csv_file(path: Path, spaces: Spaces | None) -> npt.NDArray[np.float64]:
    """Return the numbers of a table (lines, columns).

    Columns are divided by commas, semicolons, tabs or spaces, whichever the first line has most of. A first line with
    anything but numbers holds names. Raises `ProbatumError` with line and column of what is no number, and for lines of
    different lengths.
    """
    lines = _lines(path)
    if not lines:
        raise ProbatumError(f"{path}: an empty file; give one state a line")
    names: list[str] | None = None
    if any(_number(field) is None for field in lines[0][1]):
        names = [field.strip() for field in lines[0][1]]
        lines = lines[1:]
    if not lines:
        raise ProbatumError(f"{path}: holds names of columns and no states; give one state a line")
    width = len(names) if names is not None else len(lines[0][1])
    rows = np.array([_row(path, number, fields, width) for number, fields in lines])
    return rows if names is None else pick_columns(names, rows, spaces=spaces)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise ProbatumError(f"{path}: not a text file in UTF-8 ({error})") from error
    if "\0" in text:
        raise ProbatumError(f"{path}: holds zero bytes; it is no text file")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda mark: first.strip().count(mark))
    try:
        reader = csv.reader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
        return [(reader.line_num, _trimmed(fields, delimiter)) for fields in reader if any(map(str.strip, fields))]
    except csv.Error as error:
        raise ProbatumError(f"{path}: line {reader.line_num}: {error}") from error


def _trimmed(fields: list[str], delimiter: str) -> list[str]:
    return [field for field in fields if field] if delimiter == " " else fields


def _row(path: Path, number: int, fields: list[str], width: int) -> list[float]:
    if len(fields) != width:
        raise ProbatumError(f"{path}: line {number} has {len(fields)} columns, those before it {width}")
    row = []
    for column, field in enumerate(fields):
        value = _number(field)
        if value is None:
            found = "is empty" if not field.strip() else f"is {field.strip()[:40]!r}, not a number"
            raise ProbatumError(f"{path}: line {number}, column {column} (counted from 0) {found}")
        row.append(value)
    return row


def _number(field: str) -> float | None:
    try:
        return float(field) if "_" not in field else None  # Python would take 1_000
    except ValueError:
        return None
