"""SQIL as the code of RCE has it: twin classifiers with label 1 on examples and the faded next value elsewhere.

Reddy, Dragan, Levine 2019 (SQIL), in the form that the reference code of Eysenbach et al. 2021 offers (its loss "q").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from probatum.control.learning.objective import Bootstrap, CriticStep, Objective, least_of_twins, sigmoid

if TYPE_CHECKING:
    from probatum.control.learning.mlp import Floats


@final
class SoftQImitation(Objective):
    """Cross-entropy with unit weights; one step."""

    name = "sqil"
    logits = True
    with_examples = True

    def critic(self, outputs: Floats, bootstrap: Bootstrap) -> CriticStep:
        """Fit C to 1 on examples, and to discount x the smaller of the targets' C at the next state elsewhere."""
        future = sigmoid(bootstrap.next.min(axis=1)) * ~bootstrap.terminal
        target = (np.float32(bootstrap.discount) * future)[:, None]
        wanted = np.ones_like(outputs)
        wanted[..., : target.shape[-1]] = target
        slope = (sigmoid(outputs) - wanted) / np.float32(outputs.shape[-1])
        loss = (np.logaddexp(np.float32(0), outputs) - wanted * outputs).mean(axis=(1, 2))
        return CriticStep(slope, loss, target, future)

    def climbed(self, outputs: Floats) -> tuple[Floats, Floats]:
        """Climb the smaller of the twins' C."""
        least, chosen = least_of_twins(outputs)
        chance = sigmoid(least)
        return chance, chosen * (chance * (1 - chance))[:, None]
