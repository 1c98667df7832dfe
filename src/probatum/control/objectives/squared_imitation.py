"""SQIL as first published: reward 1 on examples and 0 elsewhere, by soft Q-learning with squared errors.

Reddy, Dragan, Levine 2019, "SQIL: Imitation Learning via Reinforcement Learning with Sparse Rewards", section 2.
Examples here are states without a next state, so their value is taken over from themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from probatum.control.learning.objective import Bootstrap, CriticStep, Objective, least_of_twins

if TYPE_CHECKING:
    from probatum.control.learning.mlp import Floats


@final
class SquaredImitation(Objective):
    """Squared Bellman errors, half of the batch examples."""

    name = "sqil_squared"
    logits = False
    with_examples = True
    bootstrap_examples = True
    entropy = "auto"

    def critic(self, outputs: Floats, bootstrap: Bootstrap) -> CriticStep:
        """Fit Q to discount x V(next) on transitions, and to 1 + discount x V(example) on examples."""
        discount = np.float32(bootstrap.discount)
        future = (bootstrap.next.min(axis=1) - bootstrap.entropy_cost) * ~bootstrap.terminal
        at_examples = bootstrap.examples.min(axis=1) - bootstrap.entropy_cost_examples
        wanted = np.concatenate([discount * future, 1 + discount * at_examples], axis=1)[:, None]
        error = outputs - wanted
        loss = (error * error).mean(axis=(1, 2))
        return CriticStep(2 * error / np.float32(outputs.shape[-1]), loss, discount * future[:, None], future)

    def climbed(self, outputs: Floats) -> tuple[Floats, Floats]:
        """Climb the smaller of the twins' Q."""
        return least_of_twins(outputs)
