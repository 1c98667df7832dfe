"""The frames of an episode, taken while it is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra, ProbatumError

FRAMES_A_SECOND = 20  # of the environment's own time: enough to see what happens, and software renderers are slow
LARGEST = 640  # pixels of a side: larger frames are thinned out


@final
@dataclass(frozen=True, eq=False)
class Film:
    """Frames (F, height, width, 3) uint8, the step of the episode after which each was taken (0: the start), and fps.

    `fps`: frames a second at which the film runs as fast as the environment's own time, where that is known.
    """

    frames: npt.NDArray[np.uint8]
    steps: npt.NDArray[np.int64]
    fps: float


@final
class Camera:
    """Takes every so-and-so-many-th frame of the first episodes; always the first frame and the last.

    `episodes`: how many are filmed. `every`: steps between two frames; None takes about 20 frames a second of the
    environment's own time, or every frame where the environment does not say how fast its time runs.
    """

    def __init__(self, episodes: int, *, every: int | None = None) -> None:
        if episodes < 1 or (every is not None and every < 1):
            raise ProbatumError(f"{episodes} episodes to film, a frame each {every} steps: give 1 or more")
        self._wanted, self._every, self._fps = episodes, every or 1, float(FRAMES_A_SECOND)
        self._automatic = every is None
        self._takes: list[list[tuple[int, npt.NDArray[np.uint8]]]] = []

    def films(self) -> tuple[Film, ...]:
        """Return what was filmed, one film an episode."""
        takes = [take for take in self._takes if take]
        return tuple(
            Film(np.stack([frame for _, frame in take]), np.array([step for step, _ in take]), self._fps)
            for take in takes
        )

    def filming(self, env_fn: Callable[[], Any]) -> Callable[[], Any]:
        """Return a function that makes the same environment with this camera in front of it.

        Raises `ProbatumError` (when an environment is made) for a vector of environments, and for one that was not
        made to be drawn into arrays.
        """
        try:
            import gymnasium
        except ImportError as error:
            raise MissingExtra("control", "gymnasium") from error
        camera = self

        class Filmed(gymnasium.Wrapper[Any, Any, Any, Any]):
            """The environment, seen by the camera after each reset and step."""

            def reset(self, **options: Any) -> Any:
                found = self.env.reset(**options)
                camera._begin(self.env)
                self.taken = 0
                return found

            def step(self, action: Any) -> Any:
                found = self.env.step(action)
                self.taken += 1
                camera._see(self.env, self.taken, last=bool(found[2] or found[3]))
                return found

        def filmed() -> Any:
            env = env_fn()
            self._look_at(env, isinstance(env, gymnasium.Env))
            return Filmed(env)

        return filmed

    def _look_at(self, env: Any, single: bool) -> None:
        if not single:
            raise ProbatumError(f"{env}: only a single environment can be filmed; give a function that makes one")
        if env.render_mode != "rgb_array":
            raise ProbatumError(
                f"{env}: it is not drawn into arrays (its render_mode is {env.render_mode!r}); make it with "
                "render_mode='rgb_array'"
            )
        speed = env.metadata.get("render_fps")
        if isinstance(speed, (int, float)) and speed > 0:
            if self._automatic:
                self._every = max(1, round(speed / FRAMES_A_SECOND))
            self._fps = speed / self._every

    def _begin(self, env: Any) -> None:
        if self._takes and len(self._takes[-1]) == 1:
            self._takes.pop()  # a reset without a step after it is no episode
        self._takes.append([])
        self._see(env, 0, last=False)

    def _see(self, env: Any, step: int, *, last: bool) -> None:
        if len(self._takes) <= self._wanted and (last or step % self._every == 0):
            self._takes[-1].append((step, _frame(env)))


def _frame(env: Any) -> npt.NDArray[np.uint8]:
    try:
        frame = env.render()
    except Exception as error:  # renderers fail in many ways where there is no display
        raise ProbatumError(f"{env}: it cannot be drawn here ({_why(error)})") from error
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        what = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ProbatumError(f"{env}: its renderer gives {what}; a uint8 array (height, width, 3) would be right")
    thin = -(-max(frame.shape[:2]) // LARGEST)
    return np.array(frame[::thin, ::thin])


def _why(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}"
    if type(error).__name__ == "DependencyNotInstalled":  # it says by itself what is needed
        return said
    return f"{said}; MuJoCo draws without a display where the environment variable MUJOCO_GL is egl from the start"
