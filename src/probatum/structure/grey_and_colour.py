"""How much does a unit heed colour? Its answers to pictures against its answers to the same ones in grey."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def greyed(pictures: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the pictures with the mean of their channels in every channel, shape (n, height, width, channels).

    Values and type stay as they are given, bytes rounded to the nearest.
    """
    mean = pictures.mean(axis=-1, keepdims=True, dtype=np.float64)
    whole = np.issubdtype(pictures.dtype, np.integer)
    return np.repeat(np.rint(mean) if whole else mean, pictures.shape[-1], axis=-1).astype(pictures.dtype)


def colour_sensitivity(colour: npt.ArrayLike, grey: npt.ArrayLike) -> Numbers:
    """Return for each unit the change of its activation without colour, by all its activation, 0 to 1.

    `colour`, `grey`: activations on the pictures and on the same in grey, shape (pictures, units) or (pictures,
    units, *positions). The score is the sum of |a - a'| over that of |a| + |a'|; a unit that is never active gets 0.
    Raises `ValueError` where the shapes differ or values are not finite.
    """
    one, other = np.asarray(colour, np.float32), np.asarray(grey, np.float32)
    if one.shape != other.shape or one.ndim < 2:
        raise ValueError(f"activations of shapes {one.shape} and {other.shape}: give two of (pictures, units, ...)")
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("activations hold NaN or infinite values; give finite ones")
    axes = tuple(axis for axis in range(one.ndim) if axis != 1)
    change = np.abs(one - other).sum(axis=axes, dtype=np.float64)
    whole = (np.abs(one) + np.abs(other)).sum(axis=axes, dtype=np.float64)
    return np.asarray(change / np.where(whole > 0, whole, 1.0), np.float64)
