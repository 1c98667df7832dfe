"""What random actions meet in an environment: the background before which examples of success are checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import final

import numpy as np
import numpy.typing as npt

from probatum.control.environments.lanes import Lanes
from probatum.control.environments.spaces import Spaces
from probatum.control.examples.moments import Moment, Success, moments, random_actions
from probatum.progress import track

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

HELD = 10  # steps for which the second walk holds an action
STARTS = 50  # resets beyond those that the walks come to, each followed by a few steps
FEW = 3


@final
@dataclass(frozen=True, kw_only=True)
class Exploration:
    """States that random actions met: n of them, from at least 50 resets.

    `states`: (n, observation). `episode`, `step`: (n,), which episode, and how many steps after its reset. `plain`:
    (n,), whether each action was drawn anew (what a learner's random start does) rather than held for a while.
    `success`: (n,), 1 or 0, NaN where nobody says.
    """

    spaces: Spaces
    states: Float32Array
    episode: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    plain: npt.NDArray[np.bool_]
    success: Float64Array

    @property
    def starts(self) -> Float32Array:
        """The states right after a reset, (m, observation)."""
        return np.asarray(self.states[self.step == 0])

    def step_lengths(self, scaled: npt.NDArray[np.floating]) -> Float64Array:
        """Return how far each step led, where `scaled` (n, k) are the states in some other coordinates."""
        follows = (np.diff(self.episode) == 0) & (np.diff(self.step) == 1)
        return np.asarray(np.linalg.norm(np.diff(scaled, axis=0)[follows], axis=1), np.float64)


def explore(lanes: Lanes, *, seed: int, steps: int, success: Success | None = None) -> Exploration:
    """Take `steps` random steps, as many with actions held for a while, and a few after each of 50 further resets."""
    met: list[tuple[Moment, int, bool]] = []
    for part, held in enumerate((1, HELD)):
        choose, generator = random_actions(lanes.spaces, held=held), np.random.default_rng([seed, part])
        walk = islice(moments(lanes, choose, generator=generator, success=success), steps + 1)
        told = track(walk, total=steps + 1, what=f"random steps, {'drawn anew' if held == 1 else 'held'}")
        met.extend((moment, part, held == 1) for moment in told)
        lanes.restart()
    for part in range(2, 2 + -(-STARTS // lanes.count)):
        beginning = _beginning(lanes, np.random.default_rng([seed, part]), success)
        met.extend((moment, part, True) for moment in beginning)
        lanes.restart()
    return _gathered(met, lanes.spaces)


def _beginning(lanes: Lanes, generator: np.random.Generator, success: Success | None) -> Iterator[Moment]:
    walk = moments(lanes, random_actions(lanes.spaces), generator=generator, success=success)
    return islice(walk, (FEW + 1) * lanes.count)


def _gathered(met: list[tuple[Moment, int, bool]], spaces: Spaces) -> Exploration:
    """Put each episode's states together: those of lanes side by side come in turns."""
    met.sort(key=lambda item: (item[1], item[0].episode, item[0].step))
    episodes = np.array([(part, moment.episode) for moment, part, _ in met])
    fresh = np.concatenate([[False], (np.diff(episodes, axis=0) != 0).any(axis=1)])
    said = [np.nan if moment.success is None else float(moment.success) for moment, _, _ in met]
    return Exploration(
        spaces=spaces,
        states=np.stack([moment.observation for moment, _, _ in met]),
        episode=np.cumsum(fresh),
        step=np.array([moment.step for moment, _, _ in met]),
        plain=np.array([plain for _, _, plain in met]),
        success=np.array(said),
    )
