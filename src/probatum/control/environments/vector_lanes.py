"""A vector environment as lanes: whatever its way of resetting itself, only true transitions come out."""

from __future__ import annotations

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
    values,
)
from probatum.control.environments.lane import SEEDS
from probatum.control.environments.lane_infos import LaneInfos
from probatum.control.environments.spaces import Spaces, observation_reader
from probatum.control.environments.stepped import BoolArray, Float32Array, Stepped
from probatum.errors import ProbatumError

MODES = ("NextStep", "SameStep", "Disabled")  # the values of gymnasium.vector.AutoresetMode


@final
class VectorLanes:
    """A `gymnasium.vector.VectorEnv` as the lanes of `Lanes`.

    Gymnasium's own SyncVectorEnv and AsyncVectorEnv reset single lanes with seeds in every mode, so each of their
    episodes begins with a seed drawn from `generator` and can be repeated. Other vector environments are seeded once
    and reset themselves (or, in mode DISABLED, are told to through `reset_mask`); they cannot be taken up again.
    """

    def __init__(self, env: Any, spaces: Spaces, generator: np.random.Generator) -> None:
        from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

        self.env = env
        self.spaces = spaces
        self.generator = generator
        self.count: int = env.num_envs
        self.steps = 0
        self._mode = _mode(env)
        self._seeded = isinstance(env.unwrapped, (SyncVectorEnv, AsyncVectorEnv))
        self._read_one = observation_reader(env.single_observation_space)
        self._read = _batch_reader(env, spaces, self._read_one)
        self._dtype = env.single_action_space.dtype
        self._seeds = [0] * self.count
        self._actions = [bytearray() for _ in range(self.count)]
        self.restart()

    def restart(self) -> None:
        """Start a new episode in every lane."""
        if self._seeded:
            self._begin([self._draw() for _ in range(self.count)])
        else:
            self._begin(self._draw())

    def step(self, actions: Float32Array) -> Stepped:
        """Take one step in every lane, and begin the next episode where one ends."""
        check_actions(actions, shape=(self.count, self.spaces.action), discrete=self.spaces.discrete, step=self.steps)
        valid = ~self._resetting
        stood, rewards, terminated, ended, infos = self._take(actions)
        arrived = self._final(stood, ended, infos) if self._mode == "SameStep" else stood
        self._check(actions, arrived, rewards)
        self.steps += 1
        said = LaneInfos(infos, ended if self._mode == "SameStep" else np.zeros(self.count, np.bool_))
        self._go_on(actions, stood, ended)
        return Stepped(
            arrived=arrived,
            rewards=rewards,
            terminated=terminated,
            ended=ended,
            success=said.success(),
            info=said,
            valid=valid,
        )

    def state(self) -> dict[str, Any]:
        """Return the present episodes: their seeds, the actions since (one lane after the other), and how many."""
        lengths = [len(actions) // (4 * self.spaces.action) for actions in self._actions]
        actions = np.frombuffer(b"".join(self._actions), np.float32).reshape(-1, self.spaces.action)
        return {"episode_seeds": list(self._seeds), "lengths": lengths, "actions": actions}

    def repeat(self, seeds: Sequence[int], lengths: Sequence[int], recorded: Float32Array) -> None:
        """Begin the episodes of `seeds` and repeat their `recorded` actions, one lane's after the other's.

        All lanes step together, so that a lane with a short past starts late: until then it takes idle steps.
        Raises `NotRepeatable` where an episode ends before, or had no seed.
        """
        if not self._seeded:
            raise NotRepeatable(
                f"{self.env!r} resets itself without a seed, so its episodes cannot be taken up again; "
                "gymnasium's SyncVectorEnv and AsyncVectorEnv can"
            )
        past, taken = np.split(recorded, np.cumsum(lengths)[:-1]), np.array(lengths, np.int64)
        starts = taken.max() - taken
        self._begin(list(seeds))
        for time in range(int(taken.max())):
            if time:
                self._begin_some(starts == time, seeds)
            actions = np.zeros((self.count, self.spaces.action), np.float32)
            for lane in np.flatnonzero(starts <= time):
                actions[lane] = past[lane][time - starts[lane]]
            stood, _, _, ended, _ = self._take(actions)
            if ended[starts <= time].any():
                first = int(np.flatnonzero(ended & (starts <= time))[0])
                raise NotRepeatable(f"the episode with seed {seeds[first]} in lane {first} ended early when repeated")
            self.observations = stood
            self._begin_some(ended, seeds)
        self._begin_some(taken == 0, seeds)
        self._actions = [bytearray(rows.tobytes()) for rows in past]

    def _draw(self) -> int:
        return int(self.generator.integers(SEEDS))

    def _begin(self, seeds: list[int] | int) -> None:
        self._seeds = seeds if isinstance(seeds, list) else [seeds] * self.count
        self._actions = [bytearray() for _ in range(self.count)]
        self._resetting = np.zeros(self.count, np.bool_)
        self.observations = self._reset(seeds, None)

    def _begin_some(self, lanes: BoolArray, seeds: Sequence[int]) -> None:
        if lanes.any():
            chosen = [seed if begins else None for seed, begins in zip(seeds, lanes, strict=True)]
            fresh = self._reset(chosen if self._seeded else None, lanes)
            self.observations = np.where(lanes[:, None], fresh, self.observations)

    def _reset(self, seeds: Any, lanes: BoolArray | None) -> Float32Array:
        where = f"reset of {'all lanes' if lanes is None else f'lanes {np.flatnonzero(lanes).tolist()}'} before step "
        where += f"{self.steps} (seeds {seeds})"
        options = None if lanes is None else {"reset_mask": lanes.copy()}
        try:
            observations, _ = self.env.reset(seed=seeds, options=options)
            rows = self._read(observations)
        except Exception as error:
            raise EnvironmentFault(f"{where}: the environment failed with {type(error).__name__}: {error}") from error
        for lane in range(self.count) if lanes is None else np.flatnonzero(lanes):
            check_observation(rows[lane], self.spaces.names, f"{where}, lane {lane}")
        return rows

    def _take(self, actions: Float32Array) -> tuple[Float32Array, Float32Array, BoolArray, BoolArray, Any]:
        sent = self.spaces.to_environment(actions)
        sent = sent.astype(self._dtype, copy=False)
        try:
            observations, rewards, terminated, truncated, infos = self.env.step(sent)
            rows = self._read(observations)
            rewards = np.array(rewards, np.float32).reshape(self.count)
            terminated = np.array(terminated, np.bool_).reshape(self.count)
            ended = terminated | np.asarray(truncated, np.bool_).reshape(self.count)
        except Exception as error:
            raise EnvironmentFault(
                f"step {self.steps}, actions {values(sent)}: the environment failed with "
                f"{type(error).__name__}: {error}"
            ) from error
        return rows, rewards, terminated, ended, infos

    def _final(self, stood: Float32Array, ended: BoolArray, infos: Any) -> Float32Array:
        if not ended.any():
            return stood
        arrived = stood.copy()
        for lane in np.flatnonzero(ended):
            try:
                arrived[lane] = self._read_one(infos["final_obs"][lane])
            except Exception as error:
                raise EnvironmentFault(
                    f"step {self.steps}, lane {lane}: an episode ended, but info['final_obs'] does not hold its last "
                    "observation, as it should in autoreset mode SAME_STEP"
                ) from error
        return arrived

    def _check(self, actions: Float32Array, arrived: Float32Array, rewards: Float32Array) -> None:
        if np.isfinite(arrived).all() and np.isfinite(rewards).all():
            return
        for lane in range(self.count):
            where = f"step {self.steps}, lane {lane} (action {values(self.spaces.to_environment(actions)[lane])})"
            check_observation(arrived[lane], self.spaces.names, where)
            check_reward(float(rewards[lane]), where)

    def _go_on(self, actions: Float32Array, stood: Float32Array, ended: BoolArray) -> None:
        self.observations = stood
        self._resetting = ended if self._mode == "NextStep" and not self._seeded else np.zeros(self.count, np.bool_)
        if not self._seeded:
            if self._mode == "Disabled":
                self._begin_some(ended, self._seeds)
            return
        for taken, action, over in zip(self._actions, actions, ended, strict=True):
            if over:
                taken.clear()
            else:
                taken.extend(action.tobytes())
        if ended.any():
            self._seeds = [self._draw() if over else seed for seed, over in zip(self._seeds, ended, strict=True)]
            self._begin_some(ended, self._seeds)


def _mode(env: Any) -> str:
    told = env.metadata.get("autoreset_mode")
    mode = getattr(told, "value", told)
    if mode not in MODES:
        raise ProbatumError(
            f"{env!r} does not say how it resets itself: metadata['autoreset_mode'] is {told!r}; "
            "make it one of gymnasium.vector.AutoresetMode"
        )
    return str(mode)


def _batch_reader(
    env: Any, spaces: Spaces, read_one: Callable[[Any], Float32Array]
) -> Callable[[Any], npt.NDArray[np.float32]]:
    from gymnasium.spaces import Box
    from gymnasium.vector.utils import iterate

    count = env.num_envs
    if isinstance(env.single_observation_space, Box):
        return lambda values: np.array(values, np.float32).reshape(count, spaces.observation)
    return lambda values: np.stack([read_one(value) for value in iterate(env.observation_space, values)])
