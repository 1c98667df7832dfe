"""The comparisons that a network's n-cut is held against, in words."""

from __future__ import annotations

from typing import get_args

from probatum.structure.partitioning import Mode, Null

NULL_WORDS: dict[str, str] = {
    "all": "shuffles of all weights in each layer",
    "support": "shuffles of the non-zero weights among their places",
    "strengths": "shuffles of the non-zero weights that keep every unit's strength",
    "initialization": "random initializations of the same architecture",
}


def check_choices(*, mode: Mode, null: Null, shuffles: int) -> None:
    """Raise `ValueError` for a mode or a null that does not exist, and for no shuffles; the message lists what does."""
    for what, value, known in (("mode", mode, get_args(Mode)), ("null", null, get_args(Null))):
        if value not in known:
            raise ValueError(f"{what} {value!r}: give one of {', '.join(map(repr, known))}")
    if shuffles < 1:
        raise ValueError(f"{shuffles} shuffles: give at least 1, and 200 for p-values that say something")
