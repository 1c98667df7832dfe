"""How often does a policy succeed? Episodes played greedily, each from a start of its own.

Success *ever* (at some step) and *at the end* are told apart: a policy may pass through the goal. The interval of a
rate is Wilson's (1927).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
import numpy.typing as npt

from probatum.control.film import Camera, Film
from probatum.control.learning.actor import Float32Array
from probatum.control.playable import Playable
from probatum.control.wilson_interval import wilson_interval
from probatum.errors import ProbatumError
from probatum.progress import advance
from probatum.result import Result, axis

if TYPE_CHECKING:
    from probatum.control.environments.lanes import Lanes, Stepped
    from probatum.control.environments.spaces import Spaces

Float64Array = npt.NDArray[np.float64]
SuccessTest = Callable[[Float32Array], bool]
STREAM = 4  # keeps the starts of these episodes apart from those of a training with the same seed


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Rollouts(Result):
    """The episodes that a policy played.

    `rate_ever`, `rate_end`: the share of episodes with success at some step, and at the last one, each with its 95 %
    Wilson interval (`rate_ever_low` to `rate_ever_high`); NaN where nobody says what success is.

    By episode: `success_ever`, `success_end` (0 or 1, or NaN), `returns` (sums of the environment's own rewards),
    `lengths` (steps), `first_score` (the classifier's logit at the start; NaN for a policy without one). `scores`: that
    logit at each step, from the start to the state after the last step. `films` holds the frames of the episodes
    that were filmed; they are in no dictionary, table or JSON.
    """

    method: str
    episodes: int
    rate_ever: float
    rate_ever_low: float
    rate_ever_high: float
    rate_end: float
    rate_end_low: float
    rate_end_high: float
    success_ever: Float64Array
    success_end: Float64Array
    returns: Float64Array
    lengths: npt.NDArray[np.int64]
    first_score: Float64Array
    scores: tuple[Float64Array, ...]
    warnings: tuple[str, ...] = ()
    films: tuple[Film, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain Python values, ready for JSON, without the films."""
        fields = super(Rollouts, replace(self, films=())).to_dict()
        del fields["films"]
        return fields

    def summary(self) -> str:
        """Say both rates of success with their intervals, and the mean return."""
        rest = f"mean return {self.returns.mean():.4g}, {self.lengths.mean():.4g} steps an episode"
        if np.isnan(self.rate_ever):
            return f"{self.method}: {self.episodes} episodes, of whose success nothing is known; {rest}"
        return (
            f"{self.method}: success in {np.nansum(self.success_ever):.0f} of {self.episodes} episodes "
            f"({self.rate_ever:.0%}, 95 % interval {self.rate_ever_low:.0%} to {self.rate_ever_high:.0%}), at the end "
            f"of {np.nansum(self.success_end):.0f} ({self.rate_end:.0%}, {self.rate_end_low:.0%} to "
            f"{self.rate_end_high:.0%}); {rest}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the classifier's logit through each episode, episodes with success apart from those without."""
        ax = axis(ax)
        drawn = set()
        for scores, success in zip(self.scores, self.success_ever, strict=True):
            kind = "success" if success == 1 else "no success" if success == 0 else "success unknown"
            colour = {"success": "C0", "no success": "C1"}.get(kind, "0.5")
            ax.plot(scores, color=colour, alpha=0.6, linewidth=1, label=None if kind in drawn else kind)
            drawn.add(kind)
        ax.set(xlabel="step of the episode", ylabel="foreseen success (logit)")
        ax.legend()
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the logits over time and, for each film, its contact sheet."""
        from probatum.control.contact_sheet import draw_contact_sheet

        drawn = {} if np.isnan(self.first_score).all() else {"Foreseen success through each episode": self.plot}
        sheets = {
            f"Episode {number + 1}, from its start to its end": _sheet(draw_contact_sheet, self, number)
            for number in range(len(self.films))
        }
        return drawn | sheets


def _sheet(draw: Callable[..., Any], rollouts: Rollouts, number: int) -> Callable[[Any], Any]:
    return lambda ax: draw(rollouts, ax, episode=number)


def play(
    policy: Playable,
    *,
    env_fn: Callable[[], Any],
    episodes: int = 20,
    seed: int = 0,
    success: SuccessTest | None = None,
    frames: int = 0,
    every: int | None = None,
) -> Rollouts:
    """Play so many episodes, always with the action held best, and count successes.

    `env_fn` makes a Gymnasium environment, or a vector of them: each of its environments then plays an equal number of
    episodes, so that short ones are not preferred. `seed` decides the episodes' own seeds; they differ from those of a
    training with that seed. `success`: says of a flat observation (observation,) whether it is a success, where the
    environment itself does not say so in its info. `frames`: how many of the first episodes are filmed (the environment
    must be made with render_mode='rgb_array'); `every`: steps between two frames, None for 20 a second of its own time.
    Raises `ProbatumError` where policy and environment do not fit, and for what goes wrong in the environment.
    """
    from probatum.control.environments.lanes import EnvironmentFault, Lanes

    if episodes < 1 or seed < 0:
        raise ProbatumError(f"{episodes} episodes, seed {seed}: give at least 1, and a seed of 0 or more")
    camera = Camera(min(frames, episodes), every=every) if frames else None
    lanes: Lanes | None = None
    try:
        starts = int(np.random.SeedSequence((seed, STREAM)).generate_state(1)[0])
        lanes = Lanes(env_fn if camera is None else camera.filming(env_fn), seed=starts)
        refuse_misfit(policy.spaces, lanes.spaces)
        played = _played(policy, lanes, episodes, success)
    except EnvironmentFault as error:
        if isinstance(error.__cause__, ProbatumError):  # the camera's own words, without those of the environment
            raise error.__cause__ from error.__cause__.__cause__
        raise
    finally:
        if lanes is not None:
            lanes.close()
    return _rollouts(policy, played, () if camera is None else camera.films()[:frames])


def refuse_misfit(learned: Spaces, found: Spaces) -> None:
    """Raise `ProbatumError`, with both sizes, where a policy cannot act in an environment with these spaces."""

    def words(spaces: Spaces) -> str:
        actions = f"{spaces.action} choices" if spaces.discrete else f"actions of {spaces.action} numbers"
        return f"observations of {spaces.observation} numbers and {actions}"

    if words(learned) != words(found):
        raise ProbatumError(f"the policy learned with {words(learned)}; this environment has {words(found)}")
    for name in ("action_low", "action_high"):
        was, is_now = getattr(learned, name), getattr(found, name)
        if not np.allclose(was, is_now):
            column = int(np.flatnonzero(~np.isclose(was, is_now))[0])
            raise ProbatumError(
                f"the policy learned with other bounds of the actions: {name.replace('_', ' ')} of column {column} was "
                f"{was[column]:g} and is {is_now[column]:g} in this environment"
            )


class _Episode:
    """What is noted while an episode runs."""

    def __init__(self, start: Float32Array) -> None:
        self.start = start.tobytes()
        self.rewards: list[float] = []
        self.scores: list[float] = []
        self.success: list[float] = []

    def row(self) -> tuple[float, ...]:
        known = [value for value in self.success if not np.isnan(value)]
        ever, end = (max(known), known[-1]) if known else (np.nan, np.nan)
        return ever, end, float(np.sum(self.rewards)), len(self.rewards)


def _played(policy: Playable, lanes: Lanes, episodes: int, success: SuccessTest | None) -> list[_Episode]:
    running = [_Episode(start) for start in lanes.observations]
    done: list[list[_Episode]] = [[] for _ in range(lanes.count)]
    wanted = [len(range(lane, episodes, lanes.count)) for lane in range(lanes.count)]
    advance(0, episodes, "episodes")
    while any(len(ended) < count for ended, count in zip(done, wanted, strict=True)):
        actions = policy.actor.greedy(lanes.observations)
        scores = _scores(policy, lanes.observations, actions)
        stepped = lanes.step(actions)
        for lane in np.flatnonzero(stepped.valid).tolist():
            if len(done[lane]) == wanted[lane]:
                continue
            episode = running[lane]
            episode.scores.append(float(scores[lane]))
            episode.rewards.append(float(stepped.rewards[lane]))
            episode.success.append(_success(stepped, lane, success))
            if stepped.ended[lane]:
                last = stepped.arrived[lane : lane + 1]
                episode.scores.append(float(_scores(policy, last, policy.actor.greedy(last))[0]))
                done[lane].append(episode)
                running[lane] = _Episode(lanes.observations[lane])
                advance(sum(map(len, done)), episodes, "episodes")
    return [done[number % lanes.count][number // lanes.count] for number in range(episodes)]


def _scores(policy: Playable, observations: Float32Array, actions: Float32Array) -> Float32Array:
    if policy.critic is None:
        return np.full(len(observations), np.nan, np.float32)
    return policy.critic.score(observations, actions)


def _success(stepped: Stepped, lane: int, success: SuccessTest | None) -> float:
    if success is None:
        return float(stepped.success[lane])
    return float(bool(success(stepped.arrived[lane])))


def _rollouts(policy: Playable, played: list[_Episode], films: tuple[Film, ...]) -> Rollouts:
    ever, end, returns, lengths = np.array([episode.row() for episode in played]).T
    rate_ever, ever_low, ever_high = _rate(ever)
    rate_end, end_low, end_high = _rate(end)
    return Rollouts(
        method=policy.method,
        episodes=len(played),
        rate_ever=rate_ever,
        rate_ever_low=ever_low,
        rate_ever_high=ever_high,
        rate_end=rate_end,
        rate_end_low=end_low,
        rate_end_high=end_high,
        success_ever=ever,
        success_end=end,
        returns=returns,
        lengths=lengths.astype(np.int64),
        first_score=np.array([episode.scores[0] for episode in played]),
        scores=tuple(np.array(episode.scores) for episode in played),
        warnings=_warnings(played, int(np.isnan(ever).sum())),
        films=films,
    )


def _rate(outcomes: Float64Array) -> tuple[float, float, float]:
    if np.isnan(outcomes).any():
        return np.nan, np.nan, np.nan
    return float(outcomes.mean()), *wilson_interval(float(outcomes.sum()), len(outcomes))


def _warnings(played: list[_Episode], unknown: int) -> tuple[str, ...]:
    found = []
    if unknown:
        found.append(
            f"of {unknown} of {len(played)} episodes the environment does not say whether they succeeded (no "
            "'success', 'is_success' or 'goal_achieved' in its info); from Python, give play a function `success`"
        )
    if len(played) > 1 and len({(episode.start, tuple(episode.rewards)) for episode in played}) == 1:
        found.append(
            "all episodes are alike to the last digit: the environment always starts in one state, so they say no more "
            "than one episode, and the intervals do not hold"
        )
    return tuple(found)
