"""A reward that is learned: a network tells success examples from what the agent has met, its logit gives reward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from probatum.control.learning.adam import Adam
from probatum.control.learning.gradient_penalty import penalty_gradient
from probatum.control.learning.mlp import Floats, MlpStack

Risk = Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]


@final
@dataclass(frozen=True)
class Discrimination:
    """How the network learns, and what reward comes of it.

    `risk` takes the logits of examples (S, E) and of met states (S, B) and returns the loss (S,) and its slopes by
    both; `reward` turns logits (S, B) into rewards. `frozen_after`: None, or after how many updates on the warm-up's
    states the reward is held fixed (two stages). `told`: the numbers inside `risk` and `reward`.
    """

    risk: Risk
    reward: Callable[[Floats], Floats]
    gradient_penalty: float = 0.0
    learning_rate: float = 3e-4
    frozen_after: int | None = None
    told: Mapping[str, float] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """Return all that was chosen, as plain values."""
        names = ("gradient_penalty", "learning_rate", "frozen_after")
        return {**self.told, **{name: getattr(self, name) for name in names}}


@final
class RewardModel:
    """The networks of S members, on `observation` inputs that are standardized already."""

    def __init__(
        self,
        how: Discrimination,
        *,
        observation: int,
        hidden: Sequence[int],
        rows: tuple[int, int],
        generators: Sequence[np.random.Generator],
    ) -> None:
        self.how = how
        self.met, self.shown = rows
        self.stack = MlpStack((observation, *hidden, 1), twins=1, generators=generators)
        self.adam = Adam(self.stack.flat, rate=how.learning_rate)
        self._run = self.stack.run(sum(rows))
        self._between = self.stack.run(min(rows))
        self._rewarding = self.stack.run(self.met)

    def learn(self, rows: Floats, generators: Sequence[np.random.Generator]) -> None:
        """Take one step on `rows` (S, met + shown, observation): states that the agent met, then success examples."""
        logits = self._run.forward(rows[:, None])[:, 0, :, 0]
        _, by_shown, by_met = self.how.risk(logits[:, self.met :], logits[:, : self.met])
        slope = np.concatenate([by_met, by_shown], axis=1)[:, None, :, None]
        gradient = self._run.backward(np.ascontiguousarray(slope))
        if self.how.gradient_penalty:
            self._between.forward(self._interpolated(rows, generators)[:, None])
            gradient = gradient + penalty_gradient(self._between, weight=self.how.gradient_penalty)[1]
        self.adam.step(gradient)

    def rewards(self, rows: Floats) -> Floats:
        """Return the reward (S, met) of the states among `rows`, laid out as for `learn`."""
        return self.how.reward(self._rewarding.forward(rows[:, None, : self.met])[:, 0, :, 0])

    def _interpolated(self, rows: Floats, generators: Sequence[np.random.Generator]) -> Floats:
        count = self._between.rows
        part = np.stack([generator.random((count, 1), dtype=np.float32) for generator in generators])
        met, shown = rows[:, :count], rows[:, self.met : self.met + count]
        return met + part * (shown - met)
