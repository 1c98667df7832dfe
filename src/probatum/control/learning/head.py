"""What stands between an actor's outputs and its actions: how they are drawn, and which way is uphill."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from probatum.control.learning.mlp import Floats

Valuing = Callable[[Floats], Floats]  # actions (S, rows, action) -> what the actor climbs, (S, rows)
Sloping = Callable[[], Floats]  # of the rows valued last: the slope of that by the actions, (S, rows, action)


@final
@dataclass(frozen=True)
class Drawn:
    """Actions (S, N, action) with their log-probabilities (S, N), and the noise they came from."""

    actions: Floats
    log_probability: Floats
    noise: Floats


class Head(ABC):
    """A family of distributions over actions, parametrized by an actor's outputs."""

    outputs: int
    target_entropy: float

    @abstractmethod
    def draw(self, outputs: Floats, generators: Sequence[np.random.Generator]) -> Drawn:
        """Draw one action for each row of `outputs` (S, N, outputs); member s draws from `generators[s]`."""

    @abstractmethod
    def uphill(
        self, outputs: Floats, drawn: Drawn, *, entropy: Floats, value: Valuing, slope: Sloping
    ) -> tuple[Floats, Floats]:
        """Return the slope (S, N, outputs) of the mean of entropy x log-probability - value, and the entropy (S,).

        `entropy` (S, 1) weighs the log-probability; the mean runs over the N rows. `value` gives what the actor is to
        climb for actions; `slope` the slope of it by the actions that were valued last.
        """
