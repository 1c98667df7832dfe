"""How well the greedy policies of a learner do: episodes beside the training, which leave no trace in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from probatum.control.environments.lanes import Lanes
from probatum.control.environments.stepped import Stepped
from probatum.control.learning.mlp import Floats
from probatum.errors import ProbatumError

LONGEST = 100_000  # steps without an end of any episode

Success = Callable[[Floats], bool]


@final
@dataclass(frozen=True)
class Tried:
    """Means over episodes, (S,): of "was ever a success", of "was one at the end", and of the return."""

    ever: NDArray[np.float64]
    end: NDArray[np.float64]
    returns: NDArray[np.float64]


def try_out(
    act: Callable[[Floats], Floats],
    environments: Sequence[Any],
    *,
    episodes: int,
    seed: int,
    success: Success | None = None,
) -> Tried:
    """Play `episodes` in each of S environments, which begin alike for equal `seed`.

    `act` turns observations (S, V, observation) into actions (S, V, action). With V lanes an environment, each plays
    an equal number of episodes, `episodes` or a few more in all.
    """
    lanes = [Lanes(partial(_same, env), seed=seed) for env in environments]
    shape = (len(lanes), lanes[0].count)
    each = -(-episodes // lanes[0].count)
    ever, returned = np.zeros(shape), np.zeros(shape)
    sums = np.zeros((3, *shape))
    played = np.zeros(shape, np.int64)
    for taken in count():
        if (played >= each).all():
            break
        if taken >= LONGEST and not played.any():
            raise ProbatumError(f"no episode ended within {LONGEST:,} steps; give the environment a time limit")
        actions = act(np.stack([lane.observations for lane in lanes]))
        for member, lane in enumerate(lanes):
            if (played[member] >= each).all():
                continue
            stepped = lane.step(actions[member])
            now = successes(stepped, success)
            ever[member] = np.where(stepped.valid, np.maximum(ever[member], now), ever[member])  # NaN stays NaN
            returned[member] += stepped.rewards * stepped.valid
            over = stepped.ended & (played[member] < each)
            sums[:, member, over] += np.stack([ever[member], now, returned[member]])[:, over]
            played[member] += stepped.ended
            ever[member, stepped.ended] = returned[member, stepped.ended] = 0
    means = sums.sum(axis=2) / (each * shape[1])
    return Tried(ever=means[0], end=means[1], returns=means[2])


def successes(stepped: Stepped, success: Success | None) -> NDArray[np.float64]:
    """Return 1 or 0 for each lane, by `success` of the state arrived in or as the environment says; NaN for neither."""
    if success is None:
        return stepped.success.astype(np.float64)
    return np.array([float(bool(success(arrived))) for arrived in stepped.arrived])


def _same(env: Any) -> Any:
    return env
