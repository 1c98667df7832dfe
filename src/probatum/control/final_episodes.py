"""How a run's policies do in the end, in the task's own terms: success, and how much nearer the goal has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from probatum.control.environments.lanes import EnvFn, Lanes
from probatum.control.environments.stepped import Stepped
from probatum.control.learning.mlp import Floats

Distance = Callable[[Stepped], float]  # from the goal, after a step of a single environment


@final
@dataclass(frozen=True)
class FinalEpisodes:
    """Means over episodes. `ever`, `end`: success at some step, at the last. `closer`: the normalized return.

    The return of a reward "distance before minus distance after" is the first distance minus the last; over the first
    it is at most 1, 0 for doing nothing, and negative for going away (Eysenbach et al. 2021, environments).
    """

    ever: float
    end: float
    closer: float


def final_episodes(
    act: Callable[[Floats], Floats], *, env_fn: EnvFn, distance: Distance, episodes: int, seed: int
) -> FinalEpisodes:
    """Play episodes with `act`, observations (1, observation) to actions (1, action), in a single environment.

    `distance` is asked after each step; the first step's counts as the episode's first distance.
    """
    lanes = Lanes(env_fn, seed=seed)
    found = np.empty((episodes, 3))
    try:
        for episode in range(episodes):
            found[episode] = _episode(act, lanes, distance)
    finally:
        lanes.close()
    ever, end, closer = found.mean(axis=0)
    return FinalEpisodes(ever=float(ever), end=float(end), closer=float(closer))


def _episode(act: Callable[[Floats], Floats], lanes: Lanes, distance: Distance) -> NDArray[np.float64]:
    distances: list[float] = []
    successes: list[Any] = []
    while True:
        stepped = lanes.step(act(lanes.observations))
        distances.append(distance(stepped))
        successes.append(stepped.success[0])
        if stepped.ended[0]:
            closer = (distances[0] - distances[-1]) / max(distances[0], 1e-6)
            return np.array([max(successes), successes[-1], closer], np.float64)
