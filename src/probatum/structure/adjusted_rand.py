"""How far two partitions of the same units agree, beyond chance: the adjusted Rand index.

Hubert and Arabie 1985, "Comparing partitions".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def adjusted_rand(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return 1 for equal partitions, 0 on average for independent ones with these cluster sizes, less for worse.

    `first`, `second`: cluster of each unit, shape (units,); a unit at -1 in either is left out. Two partitions into one
    cluster each, or into single units, are equal. Raises `ValueError` for different lengths and no unit in both.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"partitions of shapes {a.shape} and {b.shape}: give two of the same units")
    both = (a >= 0) & (b >= 0)
    if not both.any():
        raise ValueError("no unit has a cluster in both partitions")
    rows, columns = (np.unique(side[both], return_inverse=True)[1] for side in (a, b))
    width = int(columns.max()) + 1
    _, together = np.unique(rows * width + columns, return_counts=True)  # only cells that are not empty
    same, in_first, in_second = (_pairs(counts) for counts in (together, np.bincount(rows), np.bincount(columns)))
    expected = in_first * in_second / max(_pairs(np.array([both.sum()])), 1.0)
    most = (in_first + in_second) / 2
    return 1.0 if most == expected else (same - expected) / (most - expected)


def _pairs(counts: npt.NDArray[np.int64]) -> float:
    return float((counts * (counts - 1.0) / 2).sum())
