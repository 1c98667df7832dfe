"""A policy that was learned from examples of success, with what is known of how it was learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from probatum.control import learning_pictures, onnx_export, policy_files
from probatum.control.environments.spaces import Spaces
from probatum.control.learning.actor import Actor, Critic
from probatum.errors import ProbatumError
from probatum.result import Result

Float64Array = NDArray[np.float64]


@final
@dataclass(frozen=True, kw_only=True)
class LearnedPolicy(Result):
    """What a method of this room returns.

    `actor` acts, `critic` foresees success. `history`: columns of equal length, a row an evaluation (see
    `probatum.control.learning.diagnostics`; besides `steps`, `updates`, `success_ever`, `success_end`, `return`,
    `seconds`). `environment`: how to make the environment again, where that can be said. `warnings`: what the checks
    of the examples and the health of the run had to say.
    """

    method: str
    seed: int
    spaces: Spaces
    actor: Actor
    critic: Critic | None
    history: Mapping[str, Float64Array]
    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what can be read: everything but the weights."""
        return {
            "method": self.method,
            "seed": self.seed,
            "spaces": self.spaces.to_dict(),
            "history": {name: np.asarray(column).tolist() for name, column in self.history.items()},
            "settings": dict(self.settings),
            "environment": dict(self.environment),
            "warnings": list(self.warnings),
        }

    def summary(self) -> str:
        """Say how often the policy succeeds, by its last evaluation."""
        steps = int(self.history["steps"][-1])
        ever, end = float(self.history["success_ever"][-1]), float(self.history["success_end"][-1])
        said = f"{self.method}, seed {self.seed}: after {steps:,} steps "
        if np.isnan(ever):
            return said + f"a mean return of {self.history['return'][-1]:.4g}; the environment does not tell success"
        episodes = self.settings.get("evaluation_episodes", "?")
        return said + f"success in {ever:.0%} of {episodes} episodes, at the end of {end:.0%}"

    def plot(self, ax: Any = None) -> Any:
        """Draw the learning curve."""
        return learning_pictures.success_curve(self.history, ax)

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the learning curve and the diagnostics by caption."""
        return learning_pictures.pictures(self.history)

    def act(self, observation: Any, *, explore: np.random.Generator | None = None) -> Any:
        """Return the action for one flat observation (observation,), or actions for a batch (N, observation).

        The action is the environment's: within the bounds of its Box, or the number of a choice. The best one, or one
        drawn from the policy where `explore` is given. Raises `ProbatumError` for an observation that does not fit.
        """
        rows = self._rows(observation)
        inside = self.actor.greedy(rows) if explore is None else self.actor.sample(rows, explore)
        actions = self.spaces.to_environment(inside)
        return actions if np.ndim(observation) > 1 else actions[0]

    def score(self, observation: Any) -> Any:
        """Return the critic's output for one observation, or (N,) for a batch, at the policy's own best action.

        For classifiers it is the logit of C: its exp is the odds, which rise with the chance of success but are no
        probability (see `calibrate`).
        """
        if self.critic is None:
            raise ProbatumError("this policy was saved without its critic, so it has no score")
        rows = self._rows(observation)
        scores = self.critic.score(rows, self.actor.greedy(rows))
        return scores if np.ndim(observation) > 1 else float(scores[0])

    def save(self, folder: str | Path) -> None:
        """Write the policy into a folder, atomically; `load_policy` reads it."""
        fields = ("method", "seed", "spaces", "actor", "critic", "history", "settings", "environment", "warnings")
        policy_files.save_policy(folder, **{name: getattr(self, name) for name in fields})

    def export_onnx(self, path: str | Path) -> None:
        """Write an ONNX model: observation to action, and to score; normalization and bounds inside."""
        onnx_export.export_onnx(self, path=Path(path))

    def _rows(self, observation: Any) -> NDArray[np.float32]:
        rows = np.atleast_2d(np.asarray(observation, np.float32))
        if rows.ndim != 2 or rows.shape[1] != self.spaces.observation or not np.isfinite(rows).all():
            raise ProbatumError(
                f"an observation of shape {np.shape(observation)}: this policy reads {self.spaces.observation} finite "
                "numbers, or rows of as many"
            )
        return rows


def load_policy(folder: str | Path) -> LearnedPolicy:
    """Return the policy that `LearnedPolicy.save` wrote; `ProbatumError` where the folder holds none."""
    return LearnedPolicy(**policy_files.read_policy(folder))
