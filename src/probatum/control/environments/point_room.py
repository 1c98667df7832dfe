"""A small room for trying methods: a point is to reach a disc and stay, in plain numpy, thousands of times a second."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra, ProbatumError

try:
    import gymnasium
except ImportError as missing:  # the class below needs it as its parent, so it cannot wait for a function
    raise MissingExtra("control", "gymnasium") from missing

GOAL = (0.6, 0.6)
RADIUS = 0.15
SPEED = 0.1  # the longest step
DOORWAY = 0.3  # half the width of the opening, around (0, 0)
MOVES = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))
SIDE = 96  # pixels of a frame


@final
class PointRoom(gymnasium.Env[npt.NDArray[np.float32], Any]):
    """A point in the square [-1, 1] x [-1, 1] that should come to rest inside the disc around (0.6, 0.6).

    Observation: (2,) float32, the place. Action: (2,) in [-1, 1], the way to go; the step is 0.1 times it, at most
    0.1 long. With `discrete` one of five: stay, right, up, left, down. An episode starts at random in
    [-0.9, -0.1] x [-0.9, 0.9] and ends (truncated, never terminated) after `steps` steps. Reward and
    `info["success"]`: 1 while inside the disc of radius 0.15, else 0. With `wall` a wall stands at x = 0, open from
    y = -0.3 to 0.3. Evenly random actions touch the disc in 0.5 % of episodes (with the wall 0.2 %, as choices 1 %;
    20,000 episodes each) and stand in it at the end of 0.2 %.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012 (as gymnasium has it)

    def __init__(
        self, *, discrete: bool = False, wall: bool = False, steps: int = 50, render_mode: str | None = None
    ) -> None:
        if steps < 1:
            raise ProbatumError(f"an episode of {steps} steps: give at least 1")
        self.discrete = discrete
        self.wall = wall
        self.steps = steps
        self.render_mode = render_mode
        self.observation_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
        self.action_space = (
            gymnasium.spaces.Discrete(len(MOVES)) if discrete else gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
        )
        self._place = (0.0, 0.0)
        self._taken = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Put the point at its start, the same one for the same seed."""
        super().reset(seed=seed)
        across, up = self.np_random.random(2).tolist()
        self._place = (-0.9 + 0.8 * across, -0.9 + 1.8 * up)
        self._taken = 0
        return np.array(self._place, np.float32), {"success": 0.0}

    def step(self, action: Any) -> tuple[npt.NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Go one step; returns observation, reward, terminated (never), truncated and the info with its success."""
        way = MOVES[int(action)] if self.discrete else (float(action[0]), float(action[1]))
        scale = SPEED / max(1.0, math.hypot(*way))
        x = min(1.0, max(-1.0, self._place[0] + scale * way[0]))
        y = min(1.0, max(-1.0, self._place[1] + scale * way[1]))
        if self.wall:
            x = _before_the_wall(self._place, (x, y))
        self._place = (x, y)
        self._taken += 1
        success = 1.0 if math.hypot(x - GOAL[0], y - GOAL[1]) <= RADIUS else 0.0
        return np.array(self._place, np.float32), success, False, self._taken >= self.steps, {"success": success}

    def render(self) -> npt.NDArray[np.uint8]:
        """Return a picture (96, 96, 3): the disc in green, the wall in grey, the point in blue."""
        up, across = np.meshgrid(np.linspace(1, -1, SIDE), np.linspace(-1, 1, SIDE), indexing="ij")
        frame = np.full((SIDE, SIDE, 3), 255, np.uint8)
        frame[np.hypot(across - GOAL[0], up - GOAL[1]) <= RADIUS] = (130, 200, 130)
        if self.wall:
            frame[(np.abs(across) < 0.02) & (np.abs(up) > DOORWAY)] = (110, 110, 110)
        frame[np.hypot(across - self._place[0], up - self._place[1]) <= 0.05] = (40, 70, 200)
        return frame


def success_states(count: int, seed: int = 0) -> npt.NDArray[np.float32]:
    """Return `count` examples of success, (count, 2): places spread evenly over the disc."""
    if count < 1:
        raise ProbatumError(f"{count} examples: give at least 1")
    generator = np.random.default_rng(seed)
    angle = generator.uniform(0, 2 * np.pi, count)
    distance = RADIUS * np.sqrt(generator.uniform(0, 1, count)) * (1 - 1e-6)  # float32 must not round them outside
    rows = np.column_stack([GOAL[0] + distance * np.cos(angle), GOAL[1] + distance * np.sin(angle)])
    return rows.astype(np.float32)


def _before_the_wall(start: tuple[float, float], end: tuple[float, float]) -> float:
    if (start[0] < 0) == (end[0] < 0):
        return end[0]
    along = start[0] / (start[0] - end[0])
    crossing = start[1] + along * (end[1] - start[1])
    if abs(crossing) <= DOORWAY:
        return end[0]
    return math.copysign(min(0.01, abs(start[0])), start[0])
