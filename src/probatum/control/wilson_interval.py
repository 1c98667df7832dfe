"""The 95 % interval of a rate of success (Wilson, JASA 1927, the score interval).

It is sound for few episodes, and for rates near 0 and 1.
"""

from __future__ import annotations

import math

Z = 1.959963984540054  # the normal distribution's quantile at 0.975


def wilson_interval(successes: float, trials: int) -> tuple[float, float]:
    """Return lower and upper end for so many successes in so many trials; NaN without trials.

    >>> low, high = wilson_interval(18, 20)
    >>> round(low, 3), round(high, 3)
    (0.699, 0.972)
    """
    if trials == 0:
        return math.nan, math.nan
    rate = successes / trials
    middle = (rate + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z / (1 + Z**2 / trials) * math.sqrt(rate * (1 - rate) / trials + Z**2 / (4 * trials**2))
    return (0.0 if successes == 0 else middle - half), (1.0 if successes == trials else middle + half)
