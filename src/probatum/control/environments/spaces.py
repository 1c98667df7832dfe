"""What an environment lets one see and do, as flat vectors that a network can read and write.

Inside the room an observation is a flat float32 vector and an action a float32 vector: in [-1, 1] for a Box, one-hot
for a choice. `Spaces` says how long they are and leads back to the environment's own actions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra, ProbatumError

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

READABLE = "give a Box, Discrete, MultiDiscrete or MultiBinary space, or a Dict or Tuple of those"
ACTABLE = "give a float Box with finite bounds, low < high, or a Discrete space (gymnasium.wrappers can convert)"


@final
@dataclass(frozen=True, eq=False)
class Spaces:
    """The sizes, bounds and names of what is seen and done.

    `observation`: length of the flattened observation. `action`: length of the action vector, or the number of
    choices where `discrete`. `observation_low`, `observation_high`: (observation,), may be infinite. `action_low`,
    `action_high`: (action,), in the environment's units; zeros and ones for choices. `names`: one a column of the
    observation. `action_shape`: the shape in which the environment takes an action, () for a choice.
    `first_choice`: the environment's number for choice 0. Two are equal where all of it is.
    """

    observation: int
    action: int
    discrete: bool
    observation_low: Float64Array
    observation_high: Float64Array
    action_low: Float64Array
    action_high: Float64Array
    names: tuple[str, ...]
    action_shape: tuple[int, ...]
    first_choice: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spaces) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

    def to_environment(self, actions: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return inside actions (n, action) as the environment takes them.

        A Box: float32 (n, *action_shape), [-1, 1] mapped linearly onto the bounds and kept within them. A choice:
        int64 (n,), the largest entry of each row.
        """
        rows = np.asarray(actions, np.float32)
        if self.discrete:
            choices: npt.NDArray[np.int64] = rows.argmax(axis=1) + self.first_choice
            return choices
        low, high = self.action_low.astype(np.float32), self.action_high.astype(np.float32)
        middle, half = action_scale(self)
        scaled: Float32Array = np.clip(rows * half + middle, low, high)
        return scaled.reshape(len(rows), *self.action_shape)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; infinite bounds as None."""
        return {
            "observation": self.observation,
            "action": self.action,
            "discrete": self.discrete,
            "observation_low": _finite_or_none(self.observation_low),
            "observation_high": _finite_or_none(self.observation_high),
            "action_low": self.action_low.tolist(),
            "action_high": self.action_high.tolist(),
            "names": list(self.names),
            "action_shape": list(self.action_shape),
            "first_choice": self.first_choice,
        }

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Spaces:
        """Return what `to_dict` wrote; `ProbatumError` where a part is missing or does not fit the others."""
        try:
            spaces = cls(
                observation=int(mapping["observation"]),
                action=int(mapping["action"]),
                discrete=bool(mapping["discrete"]),
                observation_low=_bounds(mapping["observation_low"], -np.inf),
                observation_high=_bounds(mapping["observation_high"], np.inf),
                action_low=_bounds(mapping["action_low"], np.nan),
                action_high=_bounds(mapping["action_high"], np.nan),
                names=tuple(str(name) for name in mapping["names"]),
                action_shape=tuple(int(side) for side in mapping["action_shape"]),
                first_choice=int(mapping["first_choice"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProbatumError(f"the spaces cannot be read ({error!r}); give what Spaces.to_dict wrote") from error
        sizes = (len(spaces.observation_low), len(spaces.observation_high), len(spaces.names))
        sides = (len(spaces.action_low), len(spaces.action_high))
        if set(sizes) != {spaces.observation} or set(sides) != {spaces.action} or not _consistent(spaces):
            raise ProbatumError(
                f"the spaces say {spaces.observation} observation and {spaces.action} action columns, but hold bounds "
                f"and names for {sizes} and {sides}; give what Spaces.to_dict wrote"
            )
        return spaces


def read_spaces(env: Any) -> Spaces:
    """Return the spaces of a `gymnasium.Env`, or of one lane of a `VectorEnv`.

    Raises `ProbatumError` for a space that cannot be read as numbers, and for actions that are neither a float Box
    with finite bounds nor one Discrete choice; it names the space and what would be right.
    """
    seen = getattr(env, "single_observation_space", getattr(env, "observation_space", None))
    done = getattr(env, "single_action_space", getattr(env, "action_space", None))
    if seen is None or done is None:
        raise ProbatumError(f"{env!r} has no observation_space or action_space; give a gymnasium Env or VectorEnv")
    low, high, names = _observation_columns(seen)
    discrete, action_low, action_high, shape, first = _action_columns(done)
    return Spaces(
        observation=len(names),
        action=len(action_low),
        discrete=discrete,
        observation_low=low,
        observation_high=high,
        action_low=action_low,
        action_high=action_high,
        names=names,
        action_shape=shape,
        first_choice=first,
    )


def action_scale(spaces: Spaces) -> tuple[Float32Array, Float32Array]:
    """Return middle and half width of the action bounds, (action,) each: inside * half + middle is the action."""
    low, high = spaces.action_low, spaces.action_high
    return ((low + high) / 2).astype(np.float32), ((high - low) / 2).astype(np.float32)


def flatten_observation(env_space: Any, value: Any) -> Float32Array:
    """Return one observation of `env_space` as float32 (observation,): Box of any shape, Dict, Tuple, Discrete …"""
    return observation_reader(env_space)(value)


def observation_reader(env_space: Any) -> Callable[[Any], Float32Array]:
    """Return the function that flattens one observation of `env_space` into a new float32 (observation,) array."""
    spaces = _gymnasium().spaces
    if isinstance(env_space, spaces.Box):
        return _plain_reader if env_space.dtype == np.float32 else _narrowing_reader
    if isinstance(env_space, spaces.Dict) and all(isinstance(part, spaces.Box) for part in env_space.values()):
        keys = tuple(env_space.spaces)
        return lambda value: _narrowing_reader(np.concatenate([np.ravel(value[key]) for key in keys]))
    return lambda value: _narrowing_reader(spaces.flatten(env_space, value))


def _plain_reader(value: Any) -> Float32Array:
    return np.array(value, np.float32).reshape(-1)


def _narrowing_reader(value: Any) -> Float32Array:
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is told of as that
        return np.array(value, np.float32).reshape(-1)


def _observation_columns(space: Any) -> tuple[Float64Array, Float64Array, tuple[str, ...]]:
    spaces = _gymnasium().spaces
    _refuse_unreadable(space, space)
    flat = spaces.flatten_space(space)
    names = _names(space, "")
    if not names:
        raise ProbatumError(f"the observation space {space} has no columns; give one with at least one number")
    low, high = (np.asarray(bound, np.float64).reshape(-1) for bound in (flat.low, flat.high))
    return low, high, names


def _refuse_unreadable(space: Any, whole: Any) -> None:
    spaces = _gymnasium().spaces
    if isinstance(space, spaces.Dict):
        for part in space.values():
            _refuse_unreadable(part, whole)
    elif isinstance(space, spaces.Tuple):
        for part in space:
            _refuse_unreadable(part, whole)
    elif not isinstance(space, (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)):
        raise ProbatumError(f"the observation space {whole} holds {space}, which is no row of numbers; {READABLE}")


def _names(space: Any, prefix: str) -> tuple[str, ...]:
    spaces = _gymnasium().spaces
    if isinstance(space, spaces.Dict):
        parts = [(f"{prefix}.{key}" if prefix else str(key), part) for key, part in space.items()]
        return tuple(name for key, part in parts for name in _names(part, key))
    if isinstance(space, spaces.Tuple):
        return tuple(name for place, part in enumerate(space) for name in _names(part, f"{prefix}({place})"))
    count = int(spaces.flatdim(space))
    return tuple(f"{prefix}[{column}]" if prefix else f"column {column}" for column in range(count))


def _action_columns(space: Any) -> tuple[bool, Float64Array, Float64Array, tuple[int, ...], int]:
    spaces = _gymnasium().spaces
    if isinstance(space, spaces.Discrete):
        count = int(space.n)
        if count < 2:
            raise ProbatumError(f"the action space {space} leaves no choice; {ACTABLE}")
        return True, np.zeros(count), np.ones(count), (), int(space.start)
    if not isinstance(space, spaces.Box) or not np.issubdtype(space.dtype, np.floating):
        raise ProbatumError(f"actions of the space {space} cannot be learned; {ACTABLE}")
    low, high = (np.asarray(bound, np.float64).reshape(-1) for bound in (space.low, space.high))
    if not len(low):
        raise ProbatumError(f"the action space {space} is empty; {ACTABLE}")
    for column, (least, most) in enumerate(zip(low, high, strict=True)):
        if not (math.isfinite(least) and math.isfinite(most) and least < most):
            raise ProbatumError(f"column {column} of the action space {space} goes from {least} to {most}; {ACTABLE}")
    return False, low, high, tuple(space.shape), 0


def _finite_or_none(bounds: Float64Array) -> list[float | None]:
    return [float(bound) if math.isfinite(bound) else None for bound in bounds]


def _bounds(values: Any, missing: float) -> Float64Array:
    return np.array([missing if value is None else float(value) for value in values], np.float64)


def _consistent(spaces: Spaces) -> bool:
    if spaces.discrete:
        return not spaces.action_shape and spaces.action > 1
    finite = np.isfinite(spaces.action_low).all() and np.isfinite(spaces.action_high).all()
    return bool(finite and (spaces.action_low < spaces.action_high).all()) and spaces.action == math.prod(
        spaces.action_shape
    )


def _gymnasium() -> Any:
    try:
        import gymnasium
    except ImportError as error:
        raise MissingExtra("control", "gymnasium") from error
    return gymnasium
