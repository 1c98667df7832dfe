"""The numbers of a result as tables: single ones in the first, and lists of equal length side by side."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROWS, COLUMNS = 64, 12  # of a table; what is larger is summed up, and whole in the JSON
SHORT = 2  # items of a list, such as an interval, that stand in the place of one
DRAWS = "_values"  # how names of random draws end: their order says nothing


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a table shows, ready for print: `rows` of words, the first of each its heading."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(fields: Mapping[str, Any], *, name: str = "") -> list[Table]:
    """Return the tables of a result's fields, as `to_dict` gives them; `name` sets nested ones apart.

    Fields that follow each other and have equal length share a table; a list of words heads what follows it.
    """
    rows, made = [], []
    for group in _groups(fields):
        key, value = next(iter(group.items()))
        caption = f"{name}: {', '.join(group)}" if name else ", ".join(group)
        if len(group) > 1:
            made.append(
                _grid(caption, *group.values()) if _is_grid(list(group.values())[1]) else _columns(caption, group)
            )
        elif _is_records(value):
            made.append(_records(caption, value))
        elif isinstance(value, Mapping):
            made.extend(tables(value, name=caption))
        elif _is_grid(value):
            made.append(_grid(caption, range(len(value[0])), value))
        else:
            rows.append((key, words(value) if _short(value) else _summed_up(key, value)))
    first = [Table(caption=name or "Numbers", header=("name", "value"), rows=tuple(rows))] if rows else []
    return [*first, *made]


def words(value: Any) -> str:
    """Write a number as it is read: four digits of a fraction, groups of three in large ones.

    >>> words(0.123456), words(27064), words(True), words(None), words([2, 4])
    ('0.1235', '27,064', 'yes', 'none', '2, 4')
    """
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, int):
        return (f"{value:,}" if abs(value) >= 10_000 else str(value)).replace("-", "−")
    if isinstance(value, float):
        if math.isnan(value):
            return "not a number"
        return f"{value:.4g}".replace("inf", "infinite").replace("-", "−").replace("e+0", "e+").replace("e−0", "e−")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(words(item) for item in value) or "none"
    return str(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_scalar, value))


def _are_words(value: Any) -> bool:
    return _is_list(value) and len(value) > 0 and all(isinstance(item, str) for item in value)


def _short(value: Any) -> bool:
    return _is_scalar(value) or (_is_list(value) and len(value) <= SHORT)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(item, Mapping) for item in value)


def _is_grid(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= ROWS
        and all(_is_list(row) and len(row) == len(value[0]) for row in value)
        and 0 < len(value[0]) <= COLUMNS
    )


def _groups(fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields in order, those of one table together."""
    group: dict[str, Any] = {}
    for key, value in fields.items():
        if group and not _belongs(key, value, group):
            yield group
            group = {}
        group[key] = value
    if group:
        yield group


def _belongs(key: str, value: Any, group: Mapping[str, Any]) -> bool:
    first, last = next(iter(group.items())), list(group.values())[-1]
    if _is_grid(value):
        return len(group) == 1 and _are_words(last) and len(last) == len(value[0])
    if not (_is_list(value) and _is_list(last) and len(value) == len(last) and 1 < len(value) <= ROWS):
        return False
    return not _are_words(value) and not key.endswith(DRAWS) and not first[0].endswith(DRAWS)


def _columns(caption: str, group: Mapping[str, Sequence[Any]]) -> Table:
    keys, lists = list(group), list(group.values())
    if not _are_words(lists[0]):
        keys, lists = ["number", *keys], [list(range(len(lists[0]))), *lists]
    rows = tuple(tuple(map(words, row)) for row in zip(*lists, strict=True))
    return Table(caption=caption, header=tuple(keys), rows=rows)


def _records(caption: str, value: Sequence[Mapping[str, Any]]) -> Table:
    flat = [_flat(row) for row in value]
    columns = [key for key in flat[0] if all(_short(row.get(key)) for row in flat)]
    if len(columns) > COLUMNS and len(flat) > 1:
        columns = [key for key in columns if len({words(row.get(key)) for row in flat}) > 1] or columns
    rest = f" (the first {ROWS} of {len(flat)})" if len(flat) > ROWS else ""
    rows = tuple(tuple(words(row.get(key)) for key in columns) for row in flat[:ROWS])
    return Table(caption=caption + rest, header=tuple(columns), rows=rows)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the fields of the records in it beside its own."""
    found = {key: value for key, value in row.items() if not isinstance(value, Mapping)}
    for key, value in row.items():
        for inner, item in value.items() if isinstance(value, Mapping) else ():
            found[inner if inner not in found else f"{key} {inner}"] = item
    return found


def _grid(caption: str, header: Iterable[Any], value: Sequence[Sequence[Any]]) -> Table:
    rows = tuple((str(place), *map(words, row)) for place, row in enumerate(value))
    return Table(caption=caption, header=("number", *map(str, header)), rows=rows)


def _summed_up(key: str, value: Any) -> str:
    if not _is_list(value):
        shape, inner = [], value
        while isinstance(inner, list) and inner:
            shape.append(str(len(inner)))
            inner = inner[0]
        return f"{' × '.join(shape)} values" if shape else "none"
    numbers = [item for item in value if isinstance(item, (int, float)) and math.isfinite(item)]
    if not key.endswith(DRAWS) and (len(value) <= COLUMNS or _are_words(value)):
        return words(value[:ROWS]) + (f", … ({len(value)} in all)" if len(value) > ROWS else "")
    if not numbers:
        return f"{len(value):,} values"
    low, high, mean = min(numbers), max(numbers), statistics.fmean(numbers)
    return f"{len(value):,} values from {words(low)} to {words(high)}, mean {words(mean)}"
