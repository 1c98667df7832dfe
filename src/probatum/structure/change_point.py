"""Is there a unit number at which a layer changes character, as where one branch ends and the next begins?

The units of a branch stand side by side, so a score that depends on the branch jumps between two neighbours. The
largest standardized rank-sum difference over all places, tested by permutation (Pettitt 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.result import Result, axis

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ChangePoint(Result):
    """The place that parts the units best.

    `index`: number of the first unit behind the change. `z`: standardized difference of rank sums there, positive
    where scores are higher behind it. `auc`: chance that a unit behind it scores higher than one before. `p`: how
    often shuffled units have as large a |z| anywhere. `curve`: z of every place from `margin` on.
    """

    index: int
    z: float
    auc: float
    p: float
    units: int
    margin: int
    curve: tuple[float, ...]
    scores: tuple[float, ...]

    def summary(self) -> str:
        """Say where the change is and how sure."""
        return (
            f"the score changes most between units {self.index - 1} and {self.index} of {self.units}: AUC "
            f"{self.auc:.2f}, p = {self.p:.2g} over all places"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the scores by unit number and the place of the change."""
        ax = axis(ax)
        ax.plot(self.scores, ".", color="C0")
        ax.axvline(self.index - 0.5, color="C3", linestyle="--")
        ax.set(xlabel="unit", ylabel="score", title=f"change at unit {self.index}, p = {self.p:.2g}")
        return ax


def change_point(scores: npt.ArrayLike, *, margin: int = 4, shuffles: int = 1_999, seed: int = 0) -> ChangePoint:
    """Find the unit number at which the score changes most, and test it against units in random order.

    `scores`: shape (units,), in the order of the layer. `margin`: the fewest units on either side. `shuffles` orders,
    decided by `seed`, give p, which is at least 1 / (shuffles + 1). Raises `ValueError` for too few units, NaN or
    infinite scores, or scores all equal.
    """
    values = np.asarray(scores, np.float64)
    if margin < 1 or shuffles < 1 or values.ndim != 1 or len(values) < 2 * margin + 1:
        raise ValueError(
            f"scores of shape {values.shape} with margin {margin} and {shuffles} shuffles: give a row of more than "
            "twice the margin, and at least 1 of either"
        )
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        raise ValueError("scores that are NaN, infinite or all equal have no change point; give finite, unequal ones")
    ranks = _centred_ranks(values)
    curve = _curve(ranks[None], margin)[0]
    shuffled = np.random.default_rng(seed).permuted(np.tile(ranks, (shuffles, 1)), axis=1)
    most = np.abs(_curve(shuffled, margin)).max(axis=1)
    place = int(np.abs(curve).argmax())
    index, units = place + margin, len(values)
    behind = float(ranks[index:].sum())
    return ChangePoint(
        index=index,
        z=float(curve[place]),
        auc=0.5 + behind / (index * (units - index)),
        p=float((1 + np.count_nonzero(most >= abs(curve[place]) * (1 - 1e-12))) / (shuffles + 1)),
        units=units,
        margin=margin,
        curve=tuple(curve.tolist()),
        scores=tuple(values.tolist()),
    )


def _centred_ranks(values: Numbers) -> Numbers:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values) - (len(values) + 1) / 2, np.float64)


def _curve(ranks: Numbers, margin: int) -> Numbers:
    """Standardized rank sum of the units behind each place, shape (orders, places)."""
    units = ranks.shape[1]
    before = np.arange(margin, units - margin + 1)
    sums = -np.cumsum(ranks, axis=1)[:, before - 1]
    variance = (ranks[0] @ ranks[0]) * before * (units - before) / (units * (units - 1))
    return np.asarray(sums / np.sqrt(variance), np.float64)
