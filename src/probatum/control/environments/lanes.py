"""The environments of one learner, side by side, each at its own point of an episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.control.environments.faults import EnvironmentFault, NotRepeatable
from probatum.control.environments.lane import Lane
from probatum.control.environments.spaces import Float32Array, Spaces, read_spaces
from probatum.control.environments.stepped import Stepped
from probatum.control.environments.vector_lanes import VectorLanes
from probatum.errors import ProbatumError

__all__ = ["EnvFn", "EnvironmentFault", "Lanes", "NotRepeatable", "Stepped"]

EnvFn = Callable[[], Any]  # makes a fresh gymnasium.Env or gymnasium.vector.VectorEnv


@final
class Lanes:
    """V environments under one seed, reset where an episode ends, and able to come back after an interruption.

    `env_fn` makes a `gymnasium.Env` (one lane) or a `VectorEnv` (num_envs lanes, any autoreset mode). Every episode
    begins with a seed of its own, drawn from `seed`, so that it can be repeated. `observations`, (V, observation),
    is where each lane stands; a reset has already happened. Raises `EnvironmentFault` where the environment raises
    or hands out what cannot be learned from, `ProbatumError` for spaces that do not fit.
    """

    def __init__(self, env_fn: EnvFn, *, seed: int) -> None:
        self._env = _made(env_fn)
        self.spaces: Spaces = read_spaces(self._env)
        kind = VectorLanes if hasattr(self._env, "single_observation_space") else Lane
        self._lanes: Lane | VectorLanes = kind(self._env, self.spaces, np.random.default_rng(seed))
        self.count: int = self._lanes.count

    @property
    def observations(self) -> Float32Array:
        """Where each lane stands now, (V, observation)."""
        return self._lanes.observations

    def step(self, actions: npt.ArrayLike) -> Stepped:
        """Take one step in every lane: `actions` (V, action), in [-1, 1], or the larger the rather for choices."""
        return self._lanes.step(np.asarray(actions, np.float32))

    def restart(self) -> None:
        """Leave the present episodes and begin new ones."""
        self._lanes.restart()

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs: plain values for JSON, and the arrays "actions" and "observations".

        It holds the generator of seeds, and for each lane its episode's seed and the actions since.
        """
        return {
            "generator": self._lanes.generator.bit_generator.state,
            "steps": self._lanes.steps,
            "observations": self.observations.copy(),
            **self._lanes.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Come back to a `state` by repeating each lane's episode up to there.

        Raises `NotRepeatable` where the environment does not come to the same observations, bit for bit; `restart`
        then goes on with new episodes.
        """
        lanes = self._lanes
        try:
            wanted = np.asarray(state["observations"], np.float32)
            past = np.asarray(state["actions"], np.float32).reshape(sum(state["lengths"]), self.spaces.action)
            seeds = [int(seed) for seed in state["episode_seeds"]]
            lanes.generator.bit_generator.state = state["generator"]
            lanes.steps = int(state["steps"])
        except (KeyError, TypeError, ValueError) as error:
            raise ProbatumError(f"the lanes' state cannot be read ({error!r}); give what state() returned") from error
        if wanted.shape != self.observations.shape:
            raise ProbatumError(
                f"the state holds observations of shape {wanted.shape}, this environment's are "
                f"{self.observations.shape}; restore into the environment that it was taken from"
            )
        lanes.repeat(seeds, state["lengths"], past)
        same = (lanes.observations.view(np.uint32) == wanted.view(np.uint32)).all(axis=1)
        if not same.all():
            lane = int(np.flatnonzero(~same)[0])
            apart = np.flatnonzero(lanes.observations[lane] != wanted[lane])
            raise NotRepeatable(
                f"the episode with seed {seeds[lane]} in lane {lane} did not repeat: after "
                f"{state['lengths'][lane]} steps {len(apart)} of {self.spaces.observation} columns differ, first "
                f"{self.spaces.names[apart[0] if len(apart) else 0]}. Does reset(seed=…) decide everything?"
            )

    def close(self) -> None:
        """Close the environments."""
        self._env.close()


def _made(env_fn: EnvFn) -> Any:
    if not callable(env_fn):
        raise ProbatumError(f"{env_fn!r} makes no environment; give a function such as lambda: gymnasium.make(...)")
    try:
        return env_fn()
    except ProbatumError:
        raise
    except Exception as error:
        raise EnvironmentFault(f"the environment could not be made: {type(error).__name__}: {error}") from error
