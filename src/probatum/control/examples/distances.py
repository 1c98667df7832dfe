"""Distances between states whose columns are of different kinds: each in units of its own standard deviation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Float64Array = npt.NDArray[np.float64]


def side_by_side(
    first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]
) -> tuple[Float64Array, Float64Array]:
    """Return both sets of rows with each column divided by its deviation, without those that never change."""
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    scale = pooled_deviation(one, other)
    varied = scale > 0
    return one[:, varied] / scale[varied], other[:, varied] / scale[varied]


def pooled_deviation(first: Float64Array, second: Float64Array) -> Float64Array:
    """Return the standard deviation of each column over both sets of rows, each set counting for half."""
    apart = first.mean(axis=0) - second.mean(axis=0)
    return np.asarray(np.sqrt((first.var(axis=0) + second.var(axis=0)) / 2 + apart**2 / 4), np.float64)


def nearest(rows: Float64Array, places: Float64Array, *, rank: int = 1) -> tuple[Float64Array, npt.NDArray[np.int64]]:
    """Return (distance, which), (m,) each: for each of `places` (m, k) its `rank`-th nearest of the `rows` (n, k)."""
    distances, which = cKDTree(rows).query(places, k=[rank])
    return np.asarray(distances, np.float64)[:, 0], np.asarray(which, np.int64)[:, 0]


def spacing(rows: Float64Array, quantile: float) -> float:
    """Return that quantile of the distances between a row and the nearest other one that differs; 0 for one row."""
    different = np.unique(rows, axis=0)
    if len(different) < 2:
        return 0.0
    return float(np.quantile(nearest(different, different, rank=2)[0], quantile))
