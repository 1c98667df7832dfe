"""Columns of an observation in words: "columns 36-38", with the environment's names where it has any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def column_ranges(columns: Iterable[int], names: Sequence[str]) -> str:
    """Return the columns in order, runs shortened: "columns 1, 4-6"; names of parts in brackets after them."""
    runs: list[list[int]] = []
    for column in sorted(set(columns)):
        if runs and column == runs[-1][1] + 1:
            runs[-1][1] = column
        else:
            runs.append([column, column])
    text = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
    word = "column" if len(runs) == 1 and runs[0][0] == runs[0][1] else "columns"
    spoken = [_named(low, high, names) for low, high in runs if names[low] != f"column {low}"]
    return f"{word} {text}" + (f" ({', '.join(spoken)})" if spoken else "")


def _named(low: int, high: int, names: Sequence[str]) -> str:
    return names[low] if low == high else f"{names[low]} to {names[high]}"
