"""Recursive classification: classifiers tell which actions lead to success, and teach themselves.

Eysenbach, Levine, Salakhutdinov 2021, "Replacing Rewards with Examples", sections 3 and 4. The odds C / (1 - C) obey a
Bellman equation in which no reward stands: odds(s, a) = (1 - discount) p(success | s) + discount x E[odds(s', a')].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from probatum.control.learning.objective import Bootstrap, CriticStep, Objective, least_of_twins, sigmoid
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.control.learning.mlp import Floats

LARGEST_LOGIT = np.float32(30.0)  # odds of 1e13; beyond, float32 has no room for products of odds


@final
class RecursiveClassification(Objective):
    """The data-driven Bellman equation, on logits."""

    name = "rce"
    logits = True
    with_examples = True

    def __init__(
        self,
        *,
        n_step: int = 10,
        window: str = "true",
        mixing: str = "probability",
        climb: str = "probability",
        example_actions: str = "policy",
    ) -> None:
        for value, allowed in (
            (window, ("true", "reference")),
            (mixing, ("probability", "odds")),
            (climb, ("probability", "logit")),
            (example_actions, ("policy", "greedy", "uniform")),
        ):
            if value not in allowed:
                raise ProbatumError(f"rce: {value!r} is none of {', '.join(allowed)}")
        if n_step < 1 or (window == "reference" and n_step < 3):
            raise ProbatumError(f"rce: n_step={n_step}: give 1 or more (3 or more with the reference's window)")
        self.reference = window == "reference"
        self.cross_episodes = self.reference
        self.n_step = n_step - 1 if self.reference else n_step
        self.mixing, self.climb, self.example_actions = mixing, climb, example_actions

    def critic(self, outputs: Floats, bootstrap: Bootstrap) -> CriticStep:
        """Classify (section 4.1): weight 1 - discount on examples, soft labels from the targets' odds elsewhere.

        L = (1 - g) CE(C(s*, a*), 1) + (1 + g w) CE(C(s, a), g w / (1 + g w)), means over examples and transitions.
        """
        discount = np.float32(bootstrap.discount)
        odds = discount * self.odds(bootstrap)[:, None]
        count = odds.shape[-1]
        met, shown = outputs[..., :count], outputs[..., count:]
        slope = np.empty_like(outputs)
        # (1 + odds) CE = -log(1 - C) - odds x log C: no term is the difference of two large ones
        slope[..., :count] = (sigmoid(met) - odds * sigmoid(-met)) / np.float32(count)
        slope[..., count:] = -(1 - discount) * sigmoid(-shown) / np.float32(shown.shape[-1])
        loss = (np.logaddexp(np.float32(0), met) + odds * np.logaddexp(np.float32(0), -met)).mean(axis=-1)
        loss += (1 - discount) * np.logaddexp(np.float32(0), -shown).mean(axis=-1)
        return CriticStep(slope, loss.mean(axis=1), odds / (1 + odds), odds[:, 0] / discount)

    def odds(self, bootstrap: Bootstrap) -> Floats:
        """Return w (S, B), the odds expected at the next state: the smaller of the twins'."""
        near = np.clip(bootstrap.next, -LARGEST_LOGIT, LARGEST_LOGIT)
        far = np.clip(bootstrap.later, -LARGEST_LOGIT, LARGEST_LOGIT)
        alive = ~bootstrap.terminal[:, None]
        alive_later = ~bootstrap.terminal_later[:, None]
        exponent = self.n_step + 1 if self.reference else bootstrap.ahead[:, None] - 1
        fade = np.float32(bootstrap.discount) ** np.asarray(exponent, np.float32)
        if self.mixing == "odds":
            return np.asarray(np.min(0.5 * (alive * np.exp(near) + alive_later * fade * np.exp(far)), axis=1))
        # C and 1 - C are each summed by themselves: neither is ever the difference of two numbers near one
        success = alive * sigmoid(near) + alive_later * fade * sigmoid(far)
        failure = np.where(alive, sigmoid(-near), 1) + np.where(alive_later, (1 - fade) + fade * sigmoid(-far), 1)
        return np.asarray(np.min(success / failure, axis=1))

    def climbed(self, outputs: Floats) -> tuple[Floats, Floats]:
        """Climb the smaller of the twins' C, as the reference does, or its logit."""
        least, chosen = least_of_twins(outputs)
        if self.climb == "logit":
            return least, chosen
        chance = sigmoid(least)
        return chance, chosen * (chance * (1 - chance))[:, None]
