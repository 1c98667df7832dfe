"""Do a convolution's kernels show stripes? Weight variance between rows against that between columns.

The claim behind it: Petrov et al., "Weight Banding", Distill 2021, which judges by eye. This score needs no
factorisation and no random start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.result import Result, axis

RESAMPLES = 2_000  # bootstrap samples of the interval


@dataclass(frozen=True, kw_only=True)
class Banding(Result):
    """How far the kernels of a layer vary by row (horizontal stripes) or by column (vertical ones).

    `b` = (R - C) / (R + C), from -1 (vertical) over 0 to 1 (horizontal), with the 95 % bootstrap interval
    over units `low` to `high`. R and C, `row_share` and `column_share`, are means over units of the shares of
    spatial variance explained by the row and by the column (1 / (k + 1) each without structure); `rows` and
    `columns` give them unit by unit. `share` is the part of units with R > C. `p` is two-sided, by swapping
    rows and columns of whole units.
    """

    b: float
    low: float
    high: float
    p: float
    share: float
    row_share: float
    column_share: float
    units: int
    kernel: int
    rows: tuple[float, ...]
    columns: tuple[float, ...]

    def summary(self) -> str:
        """Say which way the stripes run, how strongly, and in how many units."""
        if self.p >= 0.05:
            way = "no preferred direction"
        else:
            way = "horizontal stripes" if self.b > 0 else "vertical stripes"
        return (
            f"{way}: B = {self.b:+.3f} ({self.low:+.3f} to {self.high:+.3f}, p = {self.p:.2g}), "
            f"rows explain more than columns in {self.share:.0%} of {self.units} units "
            f"({self.kernel}x{self.kernel} kernels)"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw each unit as a point: column share across, row share up; above the diagonal is horizontal."""
        ax = axis(ax)
        ax.plot(self.columns, self.rows, "o", markersize=3, alpha=0.6)
        ax.plot([0, 1], [0, 1], color="0.5", linestyle=":")
        ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="column share", ylabel="row share")
        ax.set_title(f"B = {self.b:+.2f}, n = {self.units}")
        return ax


def banding(weights: npt.ArrayLike, *, draws: int = 9_999, seed: int = 0) -> Banding:
    """Measure the stripes of one convolution.

    `weights`: shape (units, input channels, k, k), k at least 2, as torch keeps them. Each k x k slice is
    centred; a unit's shares are sums over its input channels, so a channel that varies more counts for more.
    A unit without any spatial variance has the shares 0 and 0. `draws`: random swaps behind the p-value,
    which is at least 1 / (draws + 1). `seed` decides swaps and bootstrap. Raises `ValueError` for another
    shape, for NaN or infinite weights, and where no unit varies at all.
    """
    slices = np.asarray(weights, np.float64)
    if slices.ndim != 4 or slices.shape[2] != slices.shape[3] or slices.shape[2] < 2 or 0 in slices.shape:
        raise ValueError(
            f"weights of shape {slices.shape}: give (units, input channels, k, k) with square kernels, k >= 2"
        )
    if not np.isfinite(slices).all():
        raise ValueError("weights hold NaN or infinite values; give finite ones")
    if draws < 1:
        raise ValueError(f"{draws} draws: give at least 1")
    rows, columns = _shares(slices)
    row_share, column_share = float(rows.mean()), float(columns.mean())
    if row_share + column_share == 0:
        raise ValueError("no unit's weights differ between rows or columns: B is undefined (are they all equal?)")
    rng = np.random.default_rng(seed)
    low, high = _interval(rows, columns, rng)
    return Banding(
        b=(row_share - column_share) / (row_share + column_share),
        low=low,
        high=high,
        p=_swap_p(rows - columns, draws, rng),
        share=float((rows > columns).mean()),
        row_share=row_share,
        column_share=column_share,
        units=len(rows),
        kernel=slices.shape[2],
        rows=tuple(rows.tolist()),
        columns=tuple(columns.tolist()),
    )


def _shares(slices: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    side = slices.shape[2]
    scale = np.abs(slices).max(axis=(1, 2, 3), keepdims=True)
    scaled = slices / np.where(scale > 0, scale, 1.0)  # squares of tiny or huge weights stay in range
    centred = scaled - scaled.mean(axis=(2, 3), keepdims=True)
    total = (centred**2).sum(axis=(1, 2, 3))
    total[total < 1e-24 * slices[0].size] = np.inf  # rounding error of a constant slice is no stripe
    rows = side * (centred.mean(axis=3) ** 2).sum(axis=(1, 2)) / total
    columns = side * (centred.mean(axis=2) ** 2).sum(axis=(1, 2)) / total
    return rows, columns


def _interval(
    rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64], rng: np.random.Generator
) -> tuple[float, float]:
    counts = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=RESAMPLES)
    row, column = counts @ rows, counts @ columns
    varied = row + column > 0  # a sample of nothing but flat units has no B
    low, high = np.quantile((row - column)[varied] / (row + column)[varied], [0.025, 0.975])
    return float(low), float(high)


def _swap_p(differences: npt.NDArray[np.float64], draws: int, rng: np.random.Generator) -> float:
    seen = abs(differences.sum()) * (1 - 1e-12)  # swapping nothing counts as equal, whatever the rounding
    signs = rng.integers(0, 2, size=(draws, len(differences)), dtype=np.int8) * 2 - 1
    return float((1 + np.count_nonzero(np.abs(signs @ differences) >= seen)) / (draws + 1))
