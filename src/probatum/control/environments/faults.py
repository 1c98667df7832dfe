"""What an environment can do wrong, said with the step, the lane and the values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.errors import ProbatumError

SHOWN = 5  # columns or values named in a message


@final
class EnvironmentFault(ProbatumError):
    """An environment raised, or handed out something that cannot be learned from."""


@final
class NotRepeatable(ProbatumError):
    """An episode that was to be taken up again did not come out the same: start a new one."""


def number(value: Any) -> float:
    """Return a reward as a float; arrays of one element count, as some environments give them."""
    return float(value.reshape(()) if isinstance(value, np.ndarray) else value)


def check_observation(row: npt.NDArray[np.float32], names: Sequence[str], where: str) -> None:
    """Raise `EnvironmentFault` where one observation has the wrong length, NaN or infinite entries."""
    if row.shape != (len(names),):
        raise EnvironmentFault(
            f"{where}: the observation has {row.size} columns, the environment's space {len(names)}; "
            "return what observation_space says"
        )
    bad = np.flatnonzero(~np.isfinite(row))
    if len(bad):
        shown = ", ".join(f"{names[column]} = {row[column]}" for column in bad[:SHOWN])
        more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise EnvironmentFault(f"{where}: the observation is not finite (as float32): {shown}{more}")


def check_reward(reward: float, where: str) -> None:
    """Raise `EnvironmentFault` where a reward is NaN or infinite."""
    if not np.isfinite(reward):
        raise EnvironmentFault(f"{where}: the reward is {reward}; return a finite one")


def check_actions(actions: npt.NDArray[np.float32], *, shape: tuple[int, int], discrete: bool, step: int) -> None:
    """Raise `ProbatumError` where inside actions have the wrong shape, or leave [-1, 1]."""
    if actions.shape != shape:
        raise ProbatumError(f"step {step}: actions of shape {actions.shape}; give (lanes, action) = {shape}")
    wrong = ~np.isfinite(actions) if discrete else ~(np.abs(actions) <= 1)
    if wrong.any():
        lane, column = np.argwhere(wrong)[0]
        limits = "finite numbers, the largest of which is the choice" if discrete else "numbers in [-1, 1]"
        found = actions[lane, column]
        raise ProbatumError(f"step {step}, lane {lane}: action column {column} is {found}; give {limits}")


def values(array: npt.NDArray[Any]) -> str:
    """Return an action for a message, on one line."""
    shown = np.array2string(np.asarray(array), precision=4, max_line_width=10_000, threshold=40)
    return " ".join(shown.split())
