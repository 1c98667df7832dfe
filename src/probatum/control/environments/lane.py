"""One environment, stepped through episodes that can each be repeated from a seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.control.environments.faults import (
    EnvironmentFault,
    NotRepeatable,
    check_actions,
    check_observation,
    check_reward,
    number,
    values,
)
from probatum.control.environments.spaces import Spaces, action_scale, observation_reader
from probatum.control.environments.stepped import Float32Array, Stepped, success_of

SEEDS = 2**31 - 1  # what every environment takes


def _fixed(value: bool) -> npt.NDArray[np.bool_]:
    array = np.array([value])
    array.flags.writeable = False
    return array


FLAGS = (_fixed(False), _fixed(True))


@final
class Lane:
    """A `gymnasium.Env` as the one lane of `Lanes`; each episode begins with a seed drawn from `generator`."""

    count = 1

    def __init__(self, env: Any, spaces: Spaces, generator: np.random.Generator) -> None:
        self.env = env
        self.spaces = spaces
        self.generator = generator
        self.steps = 0
        self._shape = (1, spaces.action)
        self._read = observation_reader(env.observation_space)
        self._outward = _discrete(spaces) if spaces.discrete else _continuous(spaces, env.action_space.dtype)
        self._seed = 0
        self._actions = bytearray()
        self.restart()

    def restart(self) -> None:
        """Start the next episode."""
        self._begin(int(self.generator.integers(SEEDS)))

    def step(self, actions: Float32Array) -> Stepped:
        """Take one step, and begin the next episode where it ends this one."""
        if actions.shape != self._shape:
            check_actions(actions, shape=self._shape, discrete=self.spaces.discrete, step=self.steps)
        arrived, reward, terminated, ended, info = self._take(actions)
        row = arrived[0]
        if not (math.isfinite(row.dot(row)) and math.isfinite(reward)):  # the square may overflow: look again
            check_observation(row, self.spaces.names, self._where(actions))
            check_reward(reward, self._where(actions))
        self.steps += 1
        if ended:
            self.restart()
        else:
            self._actions += actions.tobytes()
            self.observations = arrived
        return Stepped(
            arrived=arrived,
            rewards=np.array((reward,), np.float32),
            terminated=FLAGS[terminated],
            ended=FLAGS[ended],
            success=np.array((success_of(info),), np.float32),
            info=(info,),
            valid=FLAGS[True],
        )

    def state(self) -> dict[str, Any]:
        """Return the present episode: its seed, the actions since, and where they led."""
        actions = np.frombuffer(bytes(self._actions), np.float32).reshape(-1, self.spaces.action)
        return {"episode_seeds": [self._seed], "lengths": [len(actions)], "actions": actions}

    def repeat(self, seeds: Sequence[int], lengths: Sequence[int], recorded: Float32Array) -> None:
        """Begin the episode of `seeds[0]` and repeat its `recorded` actions; `NotRepeatable` where it ends before."""
        self._begin(seeds[0])
        for place, action in enumerate(recorded[: lengths[0]]):
            arrived, _, _, ended, _ = self._take(action[None])
            if ended:
                raise NotRepeatable(f"the episode with seed {self._seed} ended at step {place + 1} when repeated")
            self._actions += action.tobytes()
            self.observations = arrived

    def _begin(self, seed: int) -> None:
        self._seed = seed
        self._actions = bytearray()
        where = f"reset with seed {seed}, before step {self.steps}"
        try:
            observation, _ = self.env.reset(seed=seed)
            row = self._read(observation)
        except Exception as error:
            raise EnvironmentFault(f"{where}: the environment failed with {type(error).__name__}: {error}") from error
        check_observation(row, self.spaces.names, where)
        self.observations = row[None]

    def _take(self, actions: Float32Array) -> tuple[Float32Array, float, bool, bool, Any]:
        action = self._outward(actions)
        if action is None:
            check_actions(actions, shape=self._shape, discrete=self.spaces.discrete, step=self.steps)
        try:
            observation, reward, terminated, truncated, info = self.env.step(action)
            row = self._read(observation)
            reward = number(reward)
        except Exception as error:
            raise EnvironmentFault(
                f"{self._where(actions)}: the environment failed with {type(error).__name__}: {error}"
            ) from error
        if len(row) != self.spaces.observation:
            check_observation(row, self.spaces.names, self._where(actions))
        terminated = bool(terminated)
        return row[None], reward, terminated, terminated or bool(truncated), info

    def _where(self, actions: Float32Array) -> str:
        taken = len(self._actions) // (4 * self.spaces.action)
        sent = self._outward(actions)
        return f"step {self.steps}, lane 0 (step {taken} of the episode with seed {self._seed}, action {values(sent)})"


def _discrete(spaces: Spaces) -> Callable[[Float32Array], Any]:
    first = spaces.first_choice

    def choose(actions: Float32Array) -> Any:
        row = actions[0]
        place = row.argmax()  # NaN counts as the largest
        return place + first if math.isfinite(row[place]) else None

    return choose


def _continuous(spaces: Spaces, dtype: Any) -> Callable[[Float32Array], Any]:
    middle, half = action_scale(spaces)
    low, high = spaces.action_low.astype(np.float32), spaces.action_high.astype(np.float32)
    plain = bool((spaces.action_low == -1).all() and (spaces.action_high == 1).all())
    shape, largest, double = spaces.action_shape, np.maximum.reduce, np.dtype(dtype) != np.float32

    def scale(actions: Float32Array) -> Any:
        row = actions[0]
        if not largest(np.abs(row)) <= 1:  # NaN is not
            return None
        if plain:
            sent = row.copy()
        else:
            sent = row * half
            sent += middle
            np.maximum(sent, low, out=sent)
            np.minimum(sent, high, out=sent)
        if len(shape) != 1:
            sent = sent.reshape(shape)
        return sent.astype(dtype) if double else sent

    return scale
