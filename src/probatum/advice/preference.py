"""How often is a source's advice preferred to the best human advice, by a majority of raters?

Zellers et al., "TuringAdvice: A Generative and Dynamic Evaluation of Language Use", NAACL 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.result import Result, axis


@dataclass(frozen=True, kw_only=True)
class Preference(Result):
    """The human preference rate of one source of advice.

    `rate` = `wins` / `items`, from 0 to 1, with the 95 % Wilson interval `low` to `high` over items;
    `vote_share` is the part of single votes for the source, a milder measure of the same.
    The reference, the best human advice, stands at 0.5 by definition.
    """

    source: str
    wins: int
    items: int
    raters: int
    rate: float
    low: float
    high: float
    vote_share: float

    def summary(self) -> str:
        """Say the rate with its interval."""
        return (
            f"{self.source} is preferred to the best human advice in {self.wins} of {self.items} items "
            f"({self.rate:.1%}, 95 % interval {self.low:.1%} to {self.high:.1%}) by a majority of "
            f"{self.raters} raters; it has {self.vote_share:.1%} of the votes"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the rate with its interval, and the best human advice at one half."""
        ax = axis(ax)
        ax.plot([self.low, self.high], [0, 0], color="C0")
        ax.plot([self.rate], [0], "o", color="C0")
        ax.axvline(0.5, color="0.5", linestyle=":")
        ax.set(xlim=(0, 1), yticks=[], xlabel="preferred to the best human advice", title=self.source)
        return ax


def preference(votes: npt.ArrayLike, *, source: str = "this source") -> Preference:
    """Count the items in which most raters prefer the source to the best human advice.

    `votes`: shape (items, raters), 1 or True where the rater prefers the source; the number of raters is odd,
    so that there is no tie. `source`: its name in sentences. The interval takes items as independent draws.
    Raises `ValueError` for other shapes or values.
    """
    from scipy.stats import binomtest

    table = np.asarray(votes)
    if table.ndim != 2 or 0 in table.shape or table.shape[1] % 2 == 0:
        raise ValueError(f"votes of shape {table.shape}: give (items, raters) with an odd number of raters")
    if not np.isin(table, (0, 1)).all():
        raise ValueError("votes hold other values than 0 and 1 (or False and True)")
    items, raters = table.shape
    wins = int(np.count_nonzero(table.sum(axis=1) > raters / 2))
    interval = binomtest(wins, items).proportion_ci(confidence_level=0.95, method="wilson")
    return Preference(
        source=source,
        wins=wins,
        items=items,
        raters=raters,
        rate=wins / items,
        low=float(interval.low),
        high=float(interval.high),
        vote_share=float(table.mean()),
    )
