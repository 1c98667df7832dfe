"""Examples in a Parquet table: a column a number, or one column of lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.control.environments.spaces import Spaces
from probatum.control.examples.named_arrays import KEYS, pick_columns
from probatum.errors import MissingExtra, ProbatumError

MOST_VALUES = 2**30


def read_parquet_file(path: Path, spaces: Spaces | None) -> npt.NDArray[np.float64]:
    """Return the numbers of a table (rows, columns).

    A table with one column of lists of numbers, or with such a column named `observations` or `examples`, is read from
    that column. Raises `ProbatumError` for columns of anything but numbers, and for a truncated file.
    """
    table = _table(path)
    names = [str(name) for name in table.column_names]
    if not names or not table.num_rows:
        raise ProbatumError(f"{path}: an empty table ({table.num_rows} rows, {len(names)} columns)")
    chosen = next((name for name in KEYS if name in names), names[0] if len(names) == 1 else None)
    if chosen is not None and _of_lists(table.schema.field(chosen).type):
        return _lists(path, chosen, table.column(chosen))
    columns = [_column(path, name, column) for name, column in zip(names, table.columns, strict=True)]
    return pick_columns(names, np.column_stack(columns), spaces=spaces)


def _table(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("control", "pyarrow") from error
    try:
        with parquet.ParquetFile(path) as file:
            size = file.metadata.num_rows * max(1, file.metadata.num_columns)
            if size > MOST_VALUES:
                raise ProbatumError(f"{path}: says that it holds {size} numbers; examples are some hundred rows")
            return file.read()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise ProbatumError(f"{path}: not a Parquet file, or truncated ({_first(error)})") from error


def _of_lists(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _lists(path: Path, name: str, column: Any) -> npt.NDArray[np.float64]:
    rows = column.to_pylist()
    lengths = [-1 if row is None else len(row) for row in rows]
    if len(set(lengths)) > 1 or lengths[0] < 0:
        place = next(place for place, length in enumerate(lengths) if length != lengths[0] or length < 0)
        raise ProbatumError(
            f"{path}: column {name!r}: row {place} holds {max(lengths[place], 0)} numbers, row 0 {max(lengths[0], 0)}"
        )
    try:
        return np.array([[np.nan if value is None else value for value in row] for row in rows], np.float64)
    except (TypeError, ValueError) as error:
        raise ProbatumError(f"{path}: column {name!r} holds lists of something else than numbers ({error})") from error


def _column(path: Path, name: str, column: Any) -> npt.NDArray[np.float64]:
    from pyarrow import types

    kind = column.type
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
        raise ProbatumError(f"{path}: column {name!r} holds {kind}, and examples are numbers")
    values = column.to_numpy()  # missing values come as NaN, or as None among booleans
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
