"""How well does a method do, judged by few runs? The mean of the middle half of them.

Agarwal, Schwarzer, Castro, Courville, Bellemare 2021, "Deep Reinforcement Learning at the Edge of the Statistical
Precipice", section 4.3: a mean follows single lucky runs, a median ignores nearly all of them, and the interquartile
mean (IQM) does neither.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from probatum.errors import ProbatumError

Floats = npt.NDArray[np.float64]


def interquartile_mean(scores: npt.ArrayLike) -> float:
    """Return the mean of what is left without the lowest and the highest quarter of all `scores`.

    `scores`: finite numbers of any shape, such as (seeds,) or (tasks, seeds); all of them are put into one order, as in
    the paper. A quarter is rounded down to whole runs, as in the authors' code: of 10 runs the middle 6 count, of 5 the
    middle 3, of 3 all. Raises `ProbatumError` for no scores and for NaN or infinite ones.

    >>> interquartile_mean([0.0, 0.9, 0.9, 1.0])
    0.9
    """
    return float(middle_means(finite_scores(scores)))


def middle_means(scores: Floats) -> Floats:
    """Return the interquartile means along the last axis: (…, n) scores, (…) means."""
    count = scores.shape[-1]
    cut = count // 4
    means: Floats = np.asarray(np.sort(scores, axis=-1)[..., cut : count - cut].mean(axis=-1))
    return means


def finite_scores(scores: npt.ArrayLike) -> Floats:
    """Return scores of any shape as a flat array; `ProbatumError` where there is none, or one is NaN or infinite."""
    values = np.asarray(scores, np.float64).ravel()
    if not values.size:
        raise ProbatumError("no scores: give the score of at least one run")
    if not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ProbatumError(f"score {place} is {values[place]}: leave out a run that has no score, and say so")
    return values
