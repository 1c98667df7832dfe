"""Collect examples of success from an environment: by scripted policies, from its own word, or by setting states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np

from probatum.control.environments.lanes import EnvFn, Lanes
from probatum.control.examples.moments import Choose, Float32Array, Moment, Success, moments, random_actions
from probatum.control.examples.scripted_policies import scripted_policy
from probatum.control.examples.state_setters import Setter, set_states
from probatum.errors import ProbatumError
from probatum.progress import advance

Source = Literal["scripted", "trajectories", "success", "state_setter"]
SOURCES: tuple[Source, ...] = ("scripted", "trajectories", "success", "state_setter")
HELD = 10  # steps, about, for which a random action is held: it gets farther than one drawn anew each time
AFTER = 10  # states kept after a trajectory's first success


def collect_examples(
    env_fn: EnvFn,
    *,
    source: Source,
    count: int = 200,
    seed: int = 0,
    per_episode: int = 10,
    steps: int = 200_000,
    success: Success | None = None,
    act: Choose | None = None,
    setter: Setter | None = None,
) -> Float32Array:
    """Return `count` states of success, shape (count, observation), float32.

    `source`: "scripted" plays Meta-World's own scripted policy and keeps the first `per_episode` successes of each
    episode; "success" does the same with `act` (without it, random actions that are each held for a while);
    "state_setter" sets states by `setter`, or as this package knows how for the Adroit door and hammer; "trajectories"
    keeps whole scripted episodes from their reset to 10 states after the first success, which are no examples of
    success: they are for showing that a method fails on them.

    `success` decides what counts, by the flat observation; without it `info["success"]` does. `seed` decides all that
    is random here and the seed of each reset. Raises `ProbatumError` where the environment does not say what a success
    is, and where `steps` steps did not bring enough of them.
    """
    if count < 1 or per_episode < 1:
        raise ProbatumError(f"count={count}, per_episode={per_episode}: give 1 or more of each")
    if source not in SOURCES:
        raise ProbatumError(f"source={source!r}: examples are collected from {', '.join(map(repr, SOURCES))}")
    if source == "state_setter":
        return set_states(env_fn, count=count, seed=seed, setter=setter, success=success)
    made: list[Any] = []

    def keeping() -> Any:
        made.append(env_fn())
        return made[-1]

    lanes = Lanes(keeping, seed=seed)
    try:
        choose = (act or random_actions(lanes.spaces, held=HELD)) if source == "success" else scripted_policy(made[0])
        walk = moments(lanes, choose, generator=np.random.default_rng([seed, 1]), success=success)
        known = _limited(walk, steps, source)
        kept = _trajectories(known) if source == "trajectories" else _successes(known, per_episode)
        return _first(kept, count)
    except _Exhausted as error:
        raise ProbatumError(error.say(count)) from None
    finally:
        lanes.close()


class _Exhausted(Exception):
    def __init__(self, steps: int, episodes: int, source: str) -> None:
        self.steps, self.episodes, self.source, self.found = steps, episodes, source, 0

    def say(self, count: int) -> str:
        return (
            f"only {self.found} of {count} examples after {self.steps} steps in {self.episodes} episodes "
            f"(source={self.source!r}): allow more steps, ask for fewer examples, or take another source"
        )


def _limited(walk: Iterable[Moment], steps: int, source: str) -> Iterator[Moment]:
    episodes = 0
    for number, moment in enumerate(walk):
        if moment.step and moment.success is None:
            raise ProbatumError(
                "the environment does not say what a success is: its info holds none of 'success', 'is_success' and "
                "'goal_achieved'. Give success=function(observation) -> bool, or set states"
            )
        episodes = max(episodes, moment.episode + 1)
        if number >= steps:
            raise _Exhausted(steps, episodes, source)
        yield moment


def _successes(walk: Iterable[Moment], per_episode: int) -> Iterator[Float32Array]:
    taken: dict[int, int] = {}
    for moment in walk:
        if moment.success and taken.get(moment.episode, 0) < per_episode:
            taken[moment.episode] = taken.get(moment.episode, 0) + 1
            yield moment.observation


def _trajectories(walk: Iterable[Moment]) -> Iterator[Float32Array]:
    """Yield the states of each episode that succeeds, up to a little after its first success."""
    states: dict[int, list[Float32Array]] = {}
    succeeded: dict[int, int] = {}
    for moment in walk:
        path = states.setdefault(moment.episode, [])
        first = succeeded.get(moment.episode)
        if first is None or moment.step <= first + AFTER:
            path.append(moment.observation)
        if first is None and moment.success:
            succeeded[moment.episode] = moment.step
        if moment.last:
            if moment.episode in succeeded:
                yield from path
            del states[moment.episode]


def _first(found: Iterator[Float32Array], count: int) -> Float32Array:
    rows: list[Float32Array] = []
    try:
        for row in found:
            rows.append(row)
            advance(len(rows), count, "examples")
            if len(rows) == count:
                break
    except _Exhausted as error:
        error.found = len(rows)
        raise
    return np.stack(rows).astype(np.float32)
