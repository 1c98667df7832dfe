"""What sets the methods of this room apart: what their critics are fitted to, and what their actors climb."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, final

import numpy as np

from probatum.control.learning.mlp import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probatum.control.learning.reward_model import Discrimination


@final
@dataclass(frozen=True)
class Bootstrap:
    """What the target critics say of the states from which values are taken over: outputs (S, T, rows).

    `next`: one step on; `later`: n steps on, (n = 1: the same); `examples`: at the examples, for objectives that ask
    for it. `entropy_cost`, `entropy_cost_examples` (S, rows): entropy weight times log-probability of the actions.
    `ahead` (S, B): steps from the state itself to `later`. `terminal`, `terminal_later` (S, B): no value behind it.
    `rewards` (S, B): of the states themselves.
    """

    next: Floats
    later: Floats
    examples: Floats
    entropy_cost: Floats
    entropy_cost_examples: Floats
    ahead: NDArray[np.int64]
    terminal: NDArray[np.bool_]
    terminal_later: NDArray[np.bool_]
    rewards: Floats
    discount: float


@final
@dataclass(frozen=True)
class CriticStep:
    """The slope (S, T, B + E) of the loss (S,) by the critics' outputs; `target` (S, T or 1, B) what they should say.

    `future` (S, B): what is expected of the next states (odds, or values).
    """

    slope: Floats
    loss: Floats
    target: Floats
    future: Floats


class Objective(ABC):
    """A method's part of an update. `name` is the method's; outputs of critics are logits if `logits`, else values."""

    name: str
    logits: bool
    n_step: int = 1
    cross_episodes: bool = False
    with_examples: bool = False  # the critics' batch ends with E rows of examples
    bootstrap_examples: bool = False
    example_actions: str = "policy"
    entropy: float | Literal["auto"] = 1e-4  # unless the training says otherwise
    rewarded_by_success: bool = False  # the replay keeps the flag of success in place of the reward
    discrimination: Discrimination | None = None  # a reward model to be learned beside the critics

    @abstractmethod
    def critic(self, outputs: Floats, bootstrap: Bootstrap) -> CriticStep:
        """Say what `outputs` (S, T, B + E) of the critics are fitted to, and how they should move."""

    def options(self) -> dict[str, Any]:
        """Return what the method was told, as plain values: two objectives with the same options are the same."""
        told = dict(vars(self))
        reward = told.pop("discrimination", None)
        return told if reward is None else told | reward.options()

    @abstractmethod
    def climbed(self, outputs: Floats) -> tuple[Floats, Floats]:
        """Return what the actor climbs, (S, N), of critics' outputs (S, T, N), and its slope by them (S, T, N)."""


def sigmoid(value: Floats) -> Floats:
    """Return 1 / (1 + exp(-value)), exact at both ends."""
    return np.exp(-np.logaddexp(np.float32(0), -value))


def least_of_twins(values: Floats) -> tuple[Floats, Floats]:
    """Return the smaller of twins (S, T, N), (S, N), and ones where it came from (S, T, N)."""
    least = values.min(axis=1)
    return least, (np.argmin(values, axis=1)[:, None] == np.arange(values.shape[1])[None, :, None]).astype(np.float32)
