"""What the learners in `benchmarks/control.py` are fed: the sizes of Meta-World's tasks, an idle room, a replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import gymnasium
import numpy as np
import numpy.typing as npt

from probatum.control.environments.spaces import Spaces, read_spaces
from probatum.control.learning.learner import Learner
from probatum.control.learning.replay import Replay
from probatum.control.objectives.recursive_classification import RecursiveClassification
from probatum.control.settings import Training

OBSERVATION, ACTION, EPISODE, STORED, EXAMPLES = 39, 4, 200, 50_000, 200
Floats = npt.NDArray[np.float32]


@final
@dataclass(frozen=True)
class Size:
    """Two hidden layers of `width`; `batch` transitions an update, and as many examples for RCE."""

    width: int
    batch: int

    @property
    def hidden(self) -> tuple[int, int]:
        """The widths of the hidden layers."""
        return self.width, self.width

    def __str__(self) -> str:
        return f"2x{self.width}, batch {self.batch}"


LARGE, SMALL = Size(256, 256), Size(64, 128)


@final
class IdleRoom(gymnasium.Env[Floats, Floats]):
    """39 numbers out of a table, the first four moved by the action: a step costs next to nothing."""

    def __init__(self) -> None:
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (OBSERVATION,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (ACTION,), np.float32)
        self._table = np.random.default_rng(0).standard_normal((EPISODE + 1, OBSERVATION)).astype(np.float32)
        self._taken = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """Begin at the table's first row."""
        super().reset(seed=seed)
        self._taken = 0
        return self._table[0].copy(), {"success": 0.0}

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Go on to the next row."""
        self._taken += 1
        seen = self._table[self._taken].copy()
        seen[:ACTION] += action
        return seen, 0.0, False, self._taken >= EPISODE, {"success": 0.0}


def room_spaces() -> Spaces:
    return read_spaces(IdleRoom())


def examples(members: int = 1) -> list[Floats]:
    """Return 200 success examples for each member."""
    return [
        np.random.default_rng([member, 5]).standard_normal((EXAMPLES, OBSERVATION)).astype(np.float32) + np.float32(1)
        for member in range(members)
    ]


def filled_replay(members: int = 1, stored: int = STORED) -> Replay:
    """Return a replay with `stored` transitions a member, in episodes of 200 steps."""
    replay = Replay(members=members, lanes=1, observation=OBSERVATION, action=ACTION, capacity=2 * stored)
    for member in range(members):
        generator = np.random.default_rng([member, 6])
        seen = generator.standard_normal((stored + stored // EPISODE + 1, OBSERVATION)).astype(np.float32)
        actions = generator.uniform(-1, 1, (stored, ACTION)).astype(np.float32)
        rows = iter(seen)
        replay.stand(member, next(rows))
        for number, action in enumerate(actions, start=1):
            ended = number % EPISODE == 0
            replay.add(member, action=action, reward=0.0, arrived=next(rows), ended=ended)
            if ended and number < stored:
                replay.stand(member, next(rows))
    return replay


def learner_of(size: Size, seeds: Sequence[int] = (0,)) -> Learner:
    """Return our learner, with its moments in place."""
    made = Learner(
        spaces=room_spaces(),
        training=training_of(size),
        objective=RecursiveClassification(n_step=10),
        examples=examples(len(seeds)),
        seeds=seeds,
    )
    for member, rows in enumerate(made.examples):
        made.moments.add(member, rows)
    return made


def training_of(size: Size, *, steps: int = 200_000, warmup: int = 1000) -> Training:
    """Return our settings; nothing is evaluated before the last step."""
    return Training(steps=steps, warmup=warmup, hidden=size.hidden, batch=size.batch, evaluations=1)
