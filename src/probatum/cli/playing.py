"""A learned policy at play: its environment, its episodes, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from probatum.cli.user_function import user_function
from probatum.errors import ProbatumError
from probatum.result import Result

if TYPE_CHECKING:
    from probatum.control.calibration import Calibration
    from probatum.control.environments.make_environment import EnvironmentSpec
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.rollouts import Rollouts


@final
@dataclass(frozen=True, kw_only=True)
class Playing:
    """What is asked for: a policy's folder, where it is to play (None: where it learned), and what is to be made."""

    folder: Path
    episodes: int = 20
    seed: int = 0
    env: str | None = None
    env_name: str | None = None
    env_options: Mapping[str, Any] | None = None
    max_episode_steps: int | None = None
    success: str | None = None
    film: int = 0
    calibrate: bool = False


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Calibrated(Result):
    """Episodes that a policy played, and what its classifier's score at their start says of their outcome.

    `rate_ever`, `rate_end`: the share of episodes with success at some step, and at the last one, with 95 % Wilson
    intervals. In `calibration`, `brier` is the mean squared error of the probability that a map of other episodes
    foretells (0 is perfect), `constant_brier` that of their rate alone, `gain` the difference with its 95 % bootstrap
    interval, and `auc` how often a success has the higher score than a failure.
    """

    rollouts: Rollouts
    calibration: Calibration

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the episodes, and below `calibration` those of the map."""
        return {**self.rollouts.to_dict(), "calibration": self.calibration.to_dict()}

    def summary(self) -> str:
        """Say the rates of success, and then whether the score foretells it."""
        return f"{self.rollouts.summary()}. {self.calibration.summary()}"

    def plot(self, ax: Any = None) -> Any:
        """Draw the reliability diagram."""
        return self.calibration.plot(ax)

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the pictures of both."""
        return {**self.rollouts.pictures(), **self.calibration.pictures()}


def played(asked: Playing, policy: LearnedPolicy, env_fn: EnvironmentSpec) -> Rollouts | Calibrated:
    """Play the episodes, and calibrate where that is asked."""
    from probatum.control.calibration import FEWEST, calibrate
    from probatum.control.rollouts import play

    if asked.calibrate and asked.episodes < FEWEST:
        raise ProbatumError(f"--calibrate needs at least {FEWEST} episodes, better 100: --episodes 100")
    if asked.calibrate and policy.critic is None:
        raise ProbatumError(f"--calibrate: {asked.folder} holds a policy without a classifier, so it has no score")
    success = None if asked.success is None else user_function(asked.success, option="--success")
    rollouts = play(policy, env_fn=env_fn, episodes=asked.episodes, seed=asked.seed, success=success, frames=asked.film)
    return Calibrated(rollouts=rollouts, calibration=calibrate(rollouts)) if asked.calibrate else rollouts


def environment_of(asked: Playing, policy: LearnedPolicy) -> EnvironmentSpec:
    """Return where the policy is to play: where it learned, but for what is asked otherwise.

    A policy's folder may come from anywhere. So code of a module that only it names is not run: `ProbatumError`.
    """
    from probatum.control.environments.make_environment import FACTORY, EnvironmentSpec, environment_from

    recorded = dict(policy.environment)
    if asked.env is None and not isinstance(recorded.get("id"), str):
        told = f" ({recorded['factory']})" if "factory" in recorded else ""
        raise ProbatumError(f"{asked.folder} does not say how its environment{told} is made; name one with --env")
    trusted = asked.env is not None
    if trusted and asked.env != recorded.get("id"):
        recorded = {"id": asked.env}
    try:
        options = {**(recorded.get("options") or {}), **(asked.env_options or {})}
        given = {"name": asked.env_name, "max_episode_steps": asked.max_episode_steps}
        recorded |= {"options": options} | {name: value for name, value in given.items() if value is not None}
        spec = EnvironmentSpec.from_dict(recorded, run_code=trusted)
    except (TypeError, ValueError) as error:
        raise ProbatumError(f"{asked.folder}: what it says of its environment cannot be used ({error})") from error
    return environment_from(
        spec.id,
        name=spec.name,
        max_episode_steps=spec.max_episode_steps,
        options=spec.options,
        render=asked.film > 0 and not FACTORY.fullmatch(spec.id),
    )
