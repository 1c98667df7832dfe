"""P-values adjusted for having made many tests: Benjamini-Hochberg and Holm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def benjamini_hochberg(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjust p-values so that "adjusted < q" keeps the false discovery rate at q.

    `p`: p-values, shape (tests,). Returns the adjusted ones in the same order.
    Raises `ValueError` unless all lie in 0 to 1. Benjamini and Hochberg 1995.
    """
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(_checked(p)), np.float64)


def holm(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjust p-values so that "adjusted < a" keeps the chance of even one false discovery at a.

    `p`: p-values, shape (tests,). Returns the adjusted ones in the same order.
    Raises `ValueError` unless all lie in 0 to 1. Holm 1979.
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _checked(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = np.asarray(p, np.float64)
    if values.ndim != 1 or values.size == 0 or not np.all((values >= 0) & (values <= 1)):
        raise ValueError(f"p-values {values!r}: give one row of numbers from 0 to 1")
    return values
