"""What happens in an environment, one moment at a time: each state from each reset on, and whether it is a success."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from probatum.control.environments.lanes import Lanes
from probatum.control.environments.spaces import Spaces

Float32Array = npt.NDArray[np.float32]
Choose = Callable[[Float32Array, np.random.Generator], Float32Array]  # (V, observation) -> (V, action)
Success = Callable[[Float32Array], bool]


@final
@dataclass(frozen=True, kw_only=True)
class Moment:
    """One state: of which episode, how many steps after its reset, whether it is a success and the episode's last.

    `success` is None where nobody says so: the environment reports no success, and no function was given.
    """

    episode: int
    step: int
    observation: Float32Array
    success: bool | None
    last: bool


def moments(
    lanes: Lanes, choose: Choose, *, generator: np.random.Generator, success: Success | None = None
) -> Iterator[Moment]:
    """Yield every state in the order in which the environments meet it, without end.

    `choose` gives the actions in the room's own convention. `success` decides which observations are successes; without
    it the environment's own word counts, which it gives for steps only: the state after a reset has none then.
    """
    episodes = list(range(lanes.count))
    steps = np.zeros(lanes.count, np.int64)
    while True:
        here = lanes.observations
        stepped = lanes.step(choose(here, generator))
        for lane in np.flatnonzero(stepped.valid):  # the others were resetting themselves
            if not steps[lane]:
                seen = bool(success(here[lane])) if success else None
                yield Moment(episode=episodes[lane], step=0, observation=here[lane].copy(), success=seen, last=False)
            steps[lane] += 1
            state, said, last = stepped.arrived[lane].copy(), stepped.success[lane], bool(stepped.ended[lane])
            seen = bool(success(state)) if success else (None if np.isnan(said) else bool(said))
            yield Moment(episode=episodes[lane], step=int(steps[lane]), observation=state, success=seen, last=last)
            if last:
                episodes[lane] = max(episodes) + 1
                steps[lane] = 0


def random_actions(spaces: Spaces, *, held: int = 1) -> Choose:
    """Return a chooser of uniformly random actions: in [-1, 1] in each direction, or one of the choices.

    With `held` above 1 each action is repeated for about so many steps, and one in three goes to the bounds: a policy
    as random as the other that gets much farther.
    """
    kept: list[Float32Array] = []

    def choose(observations: Float32Array, generator: np.random.Generator) -> Float32Array:
        fresh = _drawn(spaces, len(observations), generator)
        if held == 1:
            return fresh
        if kept and len(kept[0]) == len(fresh):
            if not spaces.discrete:
                fresh = np.where(generator.random((len(fresh), 1)) < 1 / 3, np.sign(fresh), fresh)
            fresh = np.where(generator.random((len(fresh), 1)) < 1 / held, fresh, kept[0])
        kept[:] = [fresh]
        return fresh

    return choose


def _drawn(spaces: Spaces, count: int, generator: np.random.Generator) -> Float32Array:
    if spaces.discrete:
        return np.eye(spaces.action, dtype=np.float32)[generator.integers(spaces.action, size=count)]
    return generator.uniform(-1, 1, size=(count, spaces.action)).astype(np.float32)
