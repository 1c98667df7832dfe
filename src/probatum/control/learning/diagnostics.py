"""What the critics believe while they learn: figures by which a run that goes wrong is known early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probatum.control.learning.mlp import Floats
from probatum.control.learning.objective import sigmoid

if TYPE_CHECKING:
    from probatum.control.learning.learner import Learner
    from probatum.control.learning.replay import Replay

SATURATED = 9.21  # a logit beyond which C is within 1e-4 of 0 or 1


def diagnose(
    learner: Learner, replay: Replay, *, held_out: Sequence[Floats], generators: Sequence[np.random.Generator]
) -> dict[str, NDArray[np.float64]]:
    """Return one figure a member by name, on a batch drawn by `generators`; nothing in the learner changes.

    `critic_loss`. `mean_w`, `max_w`: odds expected at the next states (values, for methods that learn values).
    `residual`: mean distance of what the critics say (C, or the value) from what the Bellman equation asks for.
    `saturated`: share of C within 1e-4 of 0 or 1. `twin_disagreement`: mean distance of the twins' outputs.
    `entropy`: of the policy, estimated. `odds_examples`, `odds_heldout`: exp of the mean logit at the examples, those
    learned from and those held out, beside greedy actions. NaN where a method has no such thing.
    """
    step, met, entropy = learner.look(replay, generators)
    logits = learner.objective.logits
    said = sigmoid(met) if logits else met
    return {
        "critic_loss": step.loss.astype(np.float64),
        "mean_w": step.future.mean(axis=1, dtype=np.float64),
        "max_w": step.future.max(axis=1).astype(np.float64),
        "residual": np.abs(said - step.target).mean(axis=(1, 2), dtype=np.float64),
        "saturated": (np.abs(met) > SATURATED).mean(axis=(1, 2)) if logits else np.full(len(met), np.nan),
        "twin_disagreement": np.abs(met[:, 0] - met[:, 1]).mean(axis=1, dtype=np.float64),
        "entropy": entropy.astype(np.float64),
        "odds_examples": _odds(learner, learner.examples),
        "odds_heldout": _odds(learner, held_out),
    }


def _odds(learner: Learner, examples: Sequence[Floats]) -> NDArray[np.float64]:
    count = min(len(rows) for rows in examples)
    if not learner.objective.logits or not count:
        return np.full(len(examples), np.nan)
    rows = np.stack([each[:count] for each in examples])
    least = learner.values(rows, learner.act(rows, explore=False)).min(axis=1)
    mean: NDArray[np.float64] = np.exp(least.mean(axis=1, dtype=np.float64))
    return mean
