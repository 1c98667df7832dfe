"""Examples by setting states: a function that puts an environment where it has succeeded and returns what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from probatum.control.environments.lanes import EnvFn
from probatum.control.environments.spaces import Spaces, flatten_observation, read_spaces
from probatum.control.examples.adroit_states import adroit_setter
from probatum.control.examples.moments import Float32Array, Success
from probatum.errors import ProbatumError
from probatum.progress import track

Setter = Callable[[Any, np.random.Generator], Any]  # (environment, generator) -> observation


def set_states(
    env_fn: EnvFn, *, count: int, seed: int, setter: Setter | None = None, success: Success | None = None
) -> Float32Array:
    """Return `count` states, each after a reset with its own seed, shape (count, observation).

    `setter` is given the environment, just reset, and a generator, and returns an observation of the environment's own
    space. Without it the environment must be one that this package knows how to set: Adroit's door or hammer. Raises
    `ProbatumError` for a vector environment, where the setter raises or returns what is no observation, and for a state
    that `success` refuses.
    """
    env = env_fn()
    try:
        spaces = read_spaces(env)
        if hasattr(env, "single_observation_space"):
            raise ProbatumError(f"{env!r} is many environments; a state is set in a single one")
        chosen = setter or adroit_setter(env)
        generator = np.random.default_rng(seed)
        rows: list[Float32Array] = []
        for place in track(range(count), total=count, what="states set"):
            env.reset(seed=int(generator.integers(2**31)))
            rows.append(_state(chosen, env, generator, place))
            _refuse_other(rows[-1], spaces, place)
            if success is not None and not success(rows[-1]):
                raise ProbatumError(f"state {place} of the setter is no success by the function given: {rows[-1]}")
        return np.stack(rows)
    finally:
        env.close()


def _state(setter: Setter, env: Any, generator: np.random.Generator, place: int) -> Float32Array:
    try:
        return flatten_observation(env.observation_space, setter(env, generator))
    except ProbatumError:
        raise
    except Exception as error:  # whatever the user's own function raises
        raise ProbatumError(f"state {place}: the setter failed with {type(error).__name__}: {error}") from error


def _refuse_other(row: Float32Array, spaces: Spaces, place: int) -> None:
    if len(row) != spaces.observation:
        raise ProbatumError(
            f"state {place}: the setter returned {len(row)} numbers; an observation has {spaces.observation}"
        )
    if not np.isfinite(row).all():
        column = int(np.flatnonzero(~np.isfinite(row))[0])
        raise ProbatumError(f"state {place}: the setter returned {row[column]} in {spaces.names[column]}")
