"""How probable is success, given what the classifier says at the start of an episode?

The odds C / (1 - C) that example-based control learns are a density ratio and no probability (Eysenbach, Levine,
Salakhutdinov, NeurIPS 2021, section 6). This maps them to one afterwards: isotonic regression from score to outcome
(Zadrozny and Elkan, KDD 2002), judged by the Brier score (Brier, 1950) on episodes that the map has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from probatum.control.rollouts import Rollouts
from probatum.control.wilson_interval import wilson_interval
from probatum.errors import ProbatumError
from probatum.result import Result, axis

Float64Array = npt.NDArray[np.float64]

FEWEST = 10  # episodes: below, a map of four fifths of them says nothing
FOLDS = 5  # leaving out one by one foretells each success lower than each failure beside it, and bends the diagram
RESAMPLES = 2_000  # bootstrap samples of the intervals


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration(Result):
    """A map from the classifier's score to the probability of success, and how good it is.

    `brier`: the mean squared difference between outcome (0 or 1) and the probability foretold by a map of other
    episodes (cross-validation in 5 folds), with its 95 % bootstrap interval over episodes `brier_low` to `brier_high`;
    0 is perfect. `constant_brier`: the same for the rate of those other episodes, which knows nothing of the score.
    `gain` = `constant_brier` - `brier` with its paired interval `gain_low` to `gain_high`: above 0 the score tells more
    than the rate. `auc`: how often a success has the higher score than a failure (0.5 by chance, NaN without both).

    By episode: `scores`, `outcomes` (`outcome`: success ever, or at the end), `foretold` (by the other folds). The map
    from all episodes: rising `knots` (scores) with their `levels` (probabilities). The reliability diagram: by bin of
    `foretold` the mean `bin_foretold`, the `bin_rate` seen with Wilson's interval `bin_low` to `bin_high`, and
    `bin_count`.
    """

    method: str
    outcome: str
    episodes: int
    rate: float
    brier: float
    brier_low: float
    brier_high: float
    constant_brier: float
    gain: float
    gain_low: float
    gain_high: float
    auc: float
    scores: Float64Array
    outcomes: Float64Array
    foretold: Float64Array
    knots: Float64Array
    levels: Float64Array
    bin_foretold: Float64Array
    bin_rate: Float64Array
    bin_low: Float64Array
    bin_high: Float64Array
    bin_count: npt.NDArray[np.int64]

    def probability(self, scores: npt.ArrayLike) -> Float64Array:
        """Return the probability of success for scores (logits at the start of an episode), of any shape.

        Between the scores seen it is interpolated, beyond them it stays at the outermost level.
        """
        return np.interp(np.asarray(scores, np.float64), self.knots, self.levels)

    def summary(self) -> str:
        """Say whether the score tells more than the rate of success, in Brier scores."""
        if self.rate in (0.0, 1.0):
            low, high = wilson_interval(self.rate * self.episodes, self.episodes)
            return (
                f"{self.method}: {'all' if self.rate else 'none'} of {self.episodes} episodes succeed (95 % interval "
                f"of the rate {low:.0%} to {high:.0%}): whether the score tells success from failure cannot be seen"
            )
        verdict = "tells more than the rate" if self.gain_low > 0 else "is not shown to tell more than the rate"
        if self.gain_high < 0:
            verdict = "tells less than the rate"
        return (
            f"{self.method}: the calibrated score {verdict}: Brier score {self.brier:.3f} ({self.brier_low:.3f} to "
            f"{self.brier_high:.3f}) against {self.constant_brier:.3f} for the rate of {self.rate:.0%} alone (gain "
            f"{self.gain:+.3f}, {self.gain_low:+.3f} to {self.gain_high:+.3f}; {self.episodes} episodes)"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the reliability diagram: foretold probability across, rate seen up, with Wilson's intervals."""
        ax = axis(ax)
        ax.plot([0, 1], [0, 1], color="0.5", linestyle=":")
        reach = np.abs([self.bin_rate - self.bin_low, self.bin_high - self.bin_rate])
        ax.errorbar(self.bin_foretold, self.bin_rate, yerr=reach, fmt="o", markersize=4, capsize=2)
        for x, y, count in zip(self.bin_foretold, self.bin_rate, self.bin_count, strict=True):
            ax.annotate(f"{count}", (x, y), xytext=(5, 3), textcoords="offset points", fontsize=8)
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="foretold probability", ylabel="rate of success seen")
        ax.set_title(f"Brier score {self.brier:.3f}, of the rate alone {self.constant_brier:.3f}, n = {self.episodes}")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the reliability diagram and the map itself."""
        return {
            "Reliability on episodes that the map had not seen, with the number of episodes": self.plot,
            "Probability of success by the score at the start": self._plot_map,
        }

    def _plot_map(self, ax: Any) -> Any:
        ax.plot(self.knots, self.levels, color="C0", label="isotonic map")
        ax.plot(self.scores, self.outcomes, "|", color="C1", markersize=10, label="episodes")
        ax.set(xlabel="foreseen success (logit) at the start", ylabel="probability of success", ylim=(-0.05, 1.05))
        ax.legend()
        return ax


def calibrate(
    rollouts: Rollouts, *, outcome: Literal["ever", "end"] = "ever", bins: int = 5, seed: int = 0
) -> Calibration:
    """Learn which probability of success stands behind the classifier's score at the start of an episode.

    `outcome`: success at some step ("ever") or at the last one ("end"). `bins`: of equal width, of the reliability
    diagram. `seed` decides folds and bootstrap. Raises `ProbatumError` for fewer than 10 episodes, for a policy without
    a classifier, and where it is not known which episodes succeeded.
    """
    scores, outcomes = np.array(rollouts.first_score), _outcomes(rollouts, outcome)
    if rollouts.episodes < FEWEST:
        raise ProbatumError(f"{rollouts.episodes} episodes: a calibration needs at least {FEWEST}, better 100 or more")
    if not np.isfinite(scores).all():
        raise ProbatumError(
            f"the {rollouts.method} policy has no scores to calibrate: it was learned without a classifier"
        )
    if bins < 1:
        raise ProbatumError(f"{bins} bins: give at least 1")
    rng = np.random.default_rng(seed)
    knots, levels = _isotonic(scores, outcomes)
    foretold, constant = _cross_validated(scores, outcomes, rng)
    errors, constant_errors = (foretold - outcomes) ** 2, (constant - outcomes) ** 2
    brier_low, brier_high, gain_low, gain_high = _intervals(errors, constant_errors, rng)
    return Calibration(
        method=rollouts.method,
        outcome=outcome,
        episodes=len(scores),
        rate=float(outcomes.mean()),
        brier=float(errors.mean()),
        brier_low=brier_low,
        brier_high=brier_high,
        constant_brier=float(constant_errors.mean()),
        gain=float((constant_errors - errors).mean()),
        gain_low=gain_low,
        gain_high=gain_high,
        auc=_auc(scores, outcomes),
        scores=scores,
        outcomes=outcomes,
        foretold=foretold,
        knots=knots,
        levels=levels,
        **_reliability(foretold, outcomes, bins),
    )


def _outcomes(rollouts: Rollouts, outcome: str) -> Float64Array:
    if outcome not in ("ever", "end"):
        raise ProbatumError(f"outcome {outcome!r}: 'ever' or 'end' would be right")
    outcomes = np.array(rollouts.success_ever if outcome == "ever" else rollouts.success_end)
    if np.isnan(outcomes).any():
        raise ProbatumError(
            f"of {int(np.isnan(outcomes).sum())} of {len(outcomes)} episodes it is not known whether they succeeded; "
            "play them with a function `success`"
        )
    return outcomes


def _isotonic(scores: Float64Array, outcomes: Float64Array) -> tuple[Float64Array, Float64Array]:
    """The least-squares rising map through the episodes; those of equal score are one knot."""
    from scipy.optimize import isotonic_regression

    knots, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=outcomes) / counts
    return knots, np.clip(isotonic_regression(means, weights=counts).x, 0.0, 1.0)


def _cross_validated(
    scores: Float64Array, outcomes: Float64Array, rng: np.random.Generator
) -> tuple[Float64Array, Float64Array]:
    """For each episode, what the episodes of the other folds foretell: by their map, and by their rate."""
    fold = rng.permutation(len(scores)) % FOLDS
    foretold, constant = np.empty(len(scores)), np.empty(len(scores))
    for left_out in range(FOLDS):
        out, others = fold == left_out, fold != left_out
        foretold[out] = np.interp(scores[out], *_isotonic(scores[others], outcomes[others]))
        constant[out] = outcomes[others].mean()
    return foretold, constant


def _intervals(errors: Float64Array, constant: Float64Array, rng: np.random.Generator) -> tuple[float, ...]:
    count = len(errors)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
    return tuple(
        float(end) for values in (errors, constant - errors) for end in np.quantile(drawn @ values, [0.025, 0.975])
    )


def _auc(scores: Float64Array, outcomes: Float64Array) -> float:
    high, low = scores[outcomes == 1], np.sort(scores[outcomes == 0])
    if not len(high) or not len(low):
        return np.nan
    below, not_above = np.searchsorted(low, high, "left"), np.searchsorted(low, high, "right")
    return float((below + not_above).mean() / (2 * len(low)))


def _reliability(foretold: Float64Array, outcomes: Float64Array, bins: int) -> dict[str, Any]:
    place = np.minimum((foretold * bins).astype(np.int64), bins - 1)
    filled = np.unique(place)
    count = np.array([int((place == one).sum()) for one in filled])
    hits = np.array([float(outcomes[place == one].sum()) for one in filled])
    ends = np.array([wilson_interval(hit, total) for hit, total in zip(hits, count.tolist(), strict=True)])
    return {
        "bin_foretold": np.array([foretold[place == one].mean() for one in filled]),
        "bin_rate": hits / count,
        "bin_low": ends[:, 0],
        "bin_high": ends[:, 1],
        "bin_count": count,
    }
