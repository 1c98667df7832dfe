"""The 95 % interval of a mean by Student's t distribution (Student, Biometrika 1908).

The quantile is found in closed form for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4):
an issue is built without scipy, whose import costs more than all the verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache


def interval(values: Sequence[float], *, confidence: float = 0.95) -> tuple[float, float, float]:
    """Return mean, lower and upper end over at least two values; nan where they are not all finite numbers."""
    try:
        mean = math.fsum(values) / len(values)
    except (OverflowError, ValueError):
        mean = math.nan
    if not math.isfinite(mean):
        return math.nan, math.nan, math.nan
    if min(values) == max(values):
        return values[0], values[0], values[0]
    spread = math.hypot(*(value - mean for value in values)) / math.sqrt(len(values) - 1)
    half = student_quantile(len(values) - 1, confidence) * spread / math.sqrt(len(values))
    return mean, mean - half, mean + half


@cache
def student_quantile(freedom: int, confidence: float = 0.95) -> float:
    """The t within which Student's distribution has the given two-sided probability.

    >>> round(student_quantile(4), 4)
    2.7764
    """
    low, high = 0.0, math.pi / 2
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _within(angle: float, freedom: int) -> float:
    """The probability of |t| < sqrt(freedom) tan(angle)."""
    cosine, even = math.cos(angle), freedom % 2 == 0
    term, total = (1.0, 0.0) if even else (cosine, 0.0)
    for step in range(1 + (not even), freedom, 2):
        total += term
        term *= cosine * cosine * step / (step + 1)
    return math.sin(angle) * total if even else (angle + math.sin(angle) * total) * 2 / math.pi
