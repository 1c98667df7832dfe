"""Throw two fair dice many times: the smallest experiment, to copy for your own."""

from collections.abc import Mapping

import numpy as np


def two_dice(*, seed: int, throws: int = 1000) -> Mapping[str, float]:
    """Return the mean and the spread of the sum of two dice over `throws` throws."""
    sums = np.random.default_rng(seed).integers(1, 7, size=(throws, 2)).sum(axis=1)
    return {"mean": float(sums.mean()), "spread": float(sums.std())}
