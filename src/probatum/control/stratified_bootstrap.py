"""How sure is a score of few runs on few tasks? Runs drawn again within each task, and how the score varies then.

Agarwal, Schwarzer, Castro, Courville, Bellemare 2021, "Deep Reinforcement Learning at the Edge of the Statistical
Precipice", section 4.1: percentile intervals of a bootstrap over runs, each task being a stratum of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from probatum.control.interquartile_mean import Floats, finite_scores, middle_means
from probatum.errors import ProbatumError

RESAMPLES = 2_000  # the authors' code takes as many
AT_ONCE = 1_000_000  # numbers of one block of resamples, hence 8 MB


def stratified_interval(
    strata: Sequence[npt.ArrayLike],
    *,
    statistic: Callable[[Floats], Floats] = middle_means,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a statistic of all scores together.

    `strata`: (runs,) scores for each task; tasks may differ in their numbers of runs. `statistic` maps (resamples,
    all runs) to (resamples,); it is the interquartile mean unless another is given. A task with one run never varies,
    so its part of the doubt is missing. Raises `ProbatumError` for no task, for a task without runs, for NaN or
    infinite scores, and for a `confidence` not between 0 and 1.
    """
    blocks = resampled([finite_scores(scores) for scores in strata], resamples=resamples, seed=seed)
    return percentiles([statistic(np.concatenate(block, axis=1)) for block in blocks], confidence=confidence)


def resampled(strata: Sequence[Floats], *, resamples: int, seed: int) -> Iterator[list[Floats]]:
    """Yield blocks of resamples: for each stratum a (some resamples, runs) of its scores, drawn with replacement.

    Raises `ProbatumError` for no stratum and for fewer resamples than 1.
    """
    if not strata:
        raise ProbatumError("no tasks: give the scores of at least one")
    if resamples < 1:
        raise ProbatumError(f"resamples={resamples}: give at least 1; 2,000 is usual")
    generator = np.random.default_rng(seed)
    block = max(1, AT_ONCE // sum(len(scores) for scores in strata))
    for start in range(0, resamples, block):
        count = min(block, resamples - start)
        yield [scores[generator.integers(0, len(scores), size=(count, len(scores)))] for scores in strata]


def percentiles(values: Sequence[Floats], *, confidence: float) -> tuple[float, float]:
    """Return the middle part, of that `confidence`, of all values; `ProbatumError` if it is not between 0 and 1."""
    if not 0 < confidence < 1:
        raise ProbatumError(f"confidence={confidence}: give a number between 0 and 1, such as 0.95")
    low, high = np.quantile(np.concatenate(values), [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
