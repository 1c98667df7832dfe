"""Votes of the first TuringAdvice round: is this advice better than the best human advice?

200 situations, six sources of advice, three raters each, 14 February 2020 (Zellers et al., NAACL 2021).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from importlib import resources

import numpy as np
import numpy.typing as npt

ITEMS, RATERS = 200, 3


def load_turingadvice_votes() -> Mapping[str, npt.NDArray[np.bool_]]:
    """Return for each source of advice its votes, shape (200 situations, 3 raters).

    True: the rater preferred this source to the best human advice. Raters differ between situations, so a
    column is no person. Raises `ValueError` if the shipped table was damaged.
    """
    text = resources.files(__package__).joinpath("data/turingadvice_2020_votes.csv").read_text("utf-8")
    votes: dict[str, dict[tuple[int, int], bool]] = defaultdict(dict)
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        vote = row["prefers_source"]
        if vote not in ("0", "1"):
            raise ValueError(f"turingadvice_2020_votes.csv, line {line}: prefers_source is {vote!r}, not 0 or 1")
        votes[row["source"]][int(row["item"]), int(row["rater"])] = vote == "1"
    return {source: _by_item(source, cells) for source, cells in votes.items()}


def _by_item(source: str, cells: Mapping[tuple[int, int], bool]) -> npt.NDArray[np.bool_]:
    items = [item for item, _ in sorted(cells)]
    if items != [item for item in range(ITEMS) for _ in range(RATERS)]:
        raise ValueError(
            f"turingadvice_2020_votes.csv: {source!r} has {len(cells)} votes of different raters; "
            f"there should be {RATERS} for each of {ITEMS} situations"
        )
    return np.array([cells[key] for key in sorted(cells)]).reshape(ITEMS, RATERS)
