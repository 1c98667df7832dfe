"""All that has happened so far, as frames in order: a window of n steps is found without being stored.

Each lane (one environment of one member) fills a ring of frames of its own. A frame is an observation and the action
taken there; the last frame of an episode has no action. Overwritten frames are forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from probatum.control.learning.mlp import Floats

UNFINISHED = np.iinfo(np.int64).max


@final
@dataclass(frozen=True)
class Batch:
    """Transitions of S members: `now`, `next`, `later` (S, B, observation), `actions` (S, B, action).

    `later` is the state `ahead` (S, B) steps after `now`: n, or fewer where the episode ends before, or has not got
    further yet. `rewards` (S, B) are those of the first step; `terminal`, `terminal_later` say whether `next` and
    `later` ended an episode by its own rules (not by a time limit).
    """

    now: Floats
    actions: Floats
    next: Floats
    later: Floats
    ahead: NDArray[np.int64]
    rewards: Floats
    terminal: NDArray[np.bool_]
    terminal_later: NDArray[np.bool_]


@final
class Replay:
    """S x V rings of frames: `stand` where an episode begins, `add` after each step, `draw` batches uniformly.

    Ring `lane` (member * V + lane) has `capacity` / V frames. All that it holds is in arrays, for a checkpoint.
    """

    def __init__(self, *, members: int, lanes: int, observation: int, action: int, capacity: int) -> None:
        self.members, self.lanes, self.capacity = members, lanes, max(4, capacity // lanes)
        rings = members * lanes
        self.observations: Floats = np.zeros((rings, self.capacity, observation), np.float32)
        self.actions: Floats = np.zeros((rings, self.capacity, action), np.float32)
        self.rewards: Floats = np.zeros((rings, self.capacity), np.float32)
        self.terminal = np.zeros((rings, self.capacity), np.bool_)  # of the frame in which an episode ended
        self.last_frame = np.full((rings, self.capacity), UNFINISHED)  # number of its episode's last frame
        self.frame_of = np.zeros((rings, self.capacity), np.int64)  # number of the frame in which a transition begins
        self.frames = np.zeros(rings, np.int64)  # how many there have been; numbers go on when the ring is full
        self.transitions = np.zeros(rings, np.int64)
        self.oldest = np.zeros(rings, np.int64)  # number of the oldest transition of which nothing is overwritten
        self.episode_start = np.zeros(rings, np.int64)

    def stand(self, lane: int, observation: Floats) -> None:
        """Begin an episode of ring `lane` in `observation` (observation,)."""
        self.episode_start[lane] = self.frames[lane]
        self._append(lane, observation)

    def add(
        self,
        lane: int,
        *,
        action: Floats,
        reward: float,
        arrived: Floats,
        terminated: bool = False,
        ended: bool = False,
    ) -> None:
        """Store the step from the newest frame of ring `lane`, by `action`, to `arrived`; after an end call `stand`."""
        number = int(self.frames[lane]) - 1
        self.actions[lane, number % self.capacity] = action
        self.rewards[lane, number % self.capacity] = reward
        self.frame_of[lane, self.transitions[lane] % self.capacity] = number
        self.transitions[lane] += 1
        place = self._append(lane, arrived)
        self.terminal[lane, place] = terminated
        if ended:
            self.break_off(lane)

    def break_off(self, lane: int) -> None:
        """Let the newest frame of ring `lane` be the last of its episode."""
        last = int(self.frames[lane]) - 1
        first = max(int(self.episode_start[lane]), last - self.capacity + 1)
        self.last_frame[lane, np.arange(first, last + 1) % self.capacity] = last

    def since(self, lane: int, number: int) -> Floats:
        """Return the frames (N, observation) of ring `lane` from frame `number` on, as far as they are still there."""
        numbers = np.arange(max(number, int(self.frames[lane]) - self.capacity), int(self.frames[lane]))
        rows: Floats = self.observations[lane, numbers % self.capacity]
        return rows

    @property
    def ring_names(self) -> tuple[str, ...]:
        """Names of the arrays that have a row for each frame."""
        return "observations", "actions", "rewards", "terminal", "last_frame", "frame_of"

    def _append(self, lane: int, observation: Floats) -> int:
        number = int(self.frames[lane])
        place = number % self.capacity
        self.observations[lane, place] = observation
        self.last_frame[lane, place] = UNFINISHED
        self.terminal[lane, place] = False
        self.frames[lane] = number + 1
        if number >= self.capacity:
            oldest = int(self.oldest[lane])
            while (
                oldest < self.transitions[lane]
                and self.frame_of[lane, oldest % self.capacity] <= number - self.capacity
            ):
                oldest += 1
            self.oldest[lane] = oldest
        return place

    def draw(
        self, count: int, generators: Sequence[np.random.Generator], *, n_step: int, cross_episodes: bool = False
    ) -> Batch:
        """Draw `count` transitions for each member, member s by `generators[s]`; ValueError where there are none.

        With `cross_episodes` a window goes on into the next episode, as it does in the reference's code.
        """
        rings = np.empty((self.members, count), np.int64)
        frames = np.empty((self.members, count), np.int64)
        for member, generator in enumerate(generators):
            first = member * self.lanes
            chosen = first + generator.integers(self.lanes, size=count)
            low, high = self.oldest[chosen], self.transitions[chosen]
            if np.any(high <= low):
                raise ValueError("the replay holds no transition yet")
            numbers = generator.integers(low, high)
            rings[member] = chosen
            frames[member] = self.frame_of[chosen, numbers % self.capacity]
        return self._gather(rings, frames, n_step, cross_episodes)

    def _gather(self, rings: NDArray[np.int64], frames: NDArray[np.int64], n_step: int, cross_episodes: bool) -> Batch:
        here = frames % self.capacity
        then = (frames + 1) % self.capacity
        later = np.minimum(frames + n_step, self.frames[rings] - 1)
        if not cross_episodes:
            later = np.minimum(later, self.last_frame[rings, here])
        end = later % self.capacity
        return Batch(
            now=self.observations[rings, here],
            actions=self.actions[rings, here],
            next=self.observations[rings, then],
            later=self.observations[rings, end],
            ahead=later - frames,
            rewards=self.rewards[rings, here],
            terminal=self.terminal[rings, then],
            terminal_later=self.terminal[rings, end],
        )
