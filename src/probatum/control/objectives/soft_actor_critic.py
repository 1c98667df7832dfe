"""Soft actor-critic (Haarnoja et al. 2018) with a reward of the states: shared by all methods that have a reward."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from probatum.control.learning.objective import Bootstrap, CriticStep, Objective, least_of_twins

if TYPE_CHECKING:
    from probatum.control.learning.mlp import Floats
    from probatum.control.learning.reward_model import Discrimination


@final
class SoftActorCritic(Objective):
    """Squared soft Bellman errors; `discrimination` says how the reward is learned, None takes the stored ones."""

    logits = False
    entropy = "auto"

    def __init__(self, name: str, discrimination: Discrimination | None) -> None:
        self.name = name
        self.discrimination = discrimination
        self.rewarded_by_success = discrimination is None

    def critic(self, outputs: Floats, bootstrap: Bootstrap) -> CriticStep:
        """Fit Q to reward + discount x (min Q' - entropy weight x log pi) of the next state."""
        future = (bootstrap.next.min(axis=1) - bootstrap.entropy_cost) * ~bootstrap.terminal
        target = (bootstrap.rewards + np.float32(bootstrap.discount) * future)[:, None]
        error = outputs - target
        return CriticStep(2 * error / np.float32(outputs.shape[-1]), (error * error).mean(axis=(1, 2)), target, future)

    def climbed(self, outputs: Floats) -> tuple[Floats, Floats]:
        """Climb the smaller of the twins' Q."""
        return least_of_twins(outputs)
