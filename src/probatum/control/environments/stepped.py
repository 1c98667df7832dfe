"""What one step in every lane brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

SUCCESS_KEYS = ("success", "is_success", "goal_achieved")  # Meta-World and Adroit, Fetch, the first Adroit


@final
@dataclass(frozen=True)
class Stepped:
    """One step of V lanes; the arrays may be shared between steps, so they are read, never written.

    `arrived`: (V, observation), where the step led, the final observation of an episode that it ended and never the
    first of the next. `rewards`, (V,). `terminated`, (V,). `ended`, (V,): terminated or truncated. `success`, (V,):
    1 or 0 as the environment says, NaN where it does not. `info`: V mappings. `valid`, (V,): False where the
    environment spent the step on a reset of its own, so that there is no transition to be stored.
    """

    arrived: Float32Array
    rewards: Float32Array
    terminated: BoolArray
    ended: BoolArray
    success: Float32Array
    info: Sequence[Mapping[str, Any]]
    valid: BoolArray


def success_of(info: Mapping[str, Any]) -> float:
    """Return 1.0 or 0.0 as the info of one step says, NaN where it says nothing."""
    for key in SUCCESS_KEYS:
        if key in info:
            value = info[key]
            if value is None:
                return float("nan")
            return float(value.reshape(()) if isinstance(value, np.ndarray) else value)
    return float("nan")
