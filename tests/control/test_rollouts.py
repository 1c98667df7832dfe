import json
from dataclasses import replace

import gymnasium
import matplotlib
import numpy as np
import pytest
from walking_policies import random_policy, to_the_disc, to_the_disc_by_choices, to_the_right

from probatum.control.environments.point_room import PointRoom
from probatum.control.rollouts import play
from probatum.errors import ProbatumError
from probatum.progress import listening
from probatum.report import report_html

matplotlib.use("Agg")


def filmed():
    return PointRoom(render_mode="rgb_array")


class Silent(gymnasium.Wrapper):
    """An environment that does not say what success is."""

    def step(self, action):
        observation, reward, terminated, truncated, _ = self.env.step(action)
        return observation, reward, terminated, truncated, {}


def same(first, second):
    return first.scores and all(map(np.array_equal, first.scores, second.scores))


@pytest.mark.parametrize(
    ("policy", "env_fn"),
    [(to_the_disc(), PointRoom), (to_the_disc_by_choices(), lambda: PointRoom(discrete=True))],
    ids=["continuous", "choices"],
)
def test_a_policy_that_walks_to_the_disc_always_succeeds(policy, env_fn):
    rollouts = play(policy, env_fn=env_fn, episodes=12)
    assert (rollouts.rate_ever, rollouts.rate_end) == (1, 1)
    assert (rollouts.rate_ever_high, round(rollouts.rate_ever_low, 3)) == (1, 0.758)
    assert rollouts.lengths.tolist() == [50] * 12
    assert (rollouts.returns > 20).all()
    assert rollouts.warnings == ()


def test_ever_and_at_the_end_are_told_apart():
    """It keeps its height and ends at the right wall, so it leaves the disc again."""
    rollouts = play(to_the_right(), env_fn=PointRoom, episodes=40)
    assert 0 < rollouts.rate_ever < 0.5
    assert rollouts.rate_end == 0
    assert ((rollouts.returns > 0) == (rollouts.success_ever == 1)).all()
    count = int(rollouts.success_ever.sum())
    assert f"success in {count} of 40 episodes ({count / 40:.0%}" in rollouts.summary()
    assert "at the end of 0 (0%, 0% to 9%)" in rollouts.summary()


def test_the_scores_are_those_of_the_states_from_the_start_to_the_last():
    policy = to_the_disc()
    rollouts = play(policy, env_fn=PointRoom, episodes=3)
    assert [len(scores) for scores in rollouts.scores] == [51, 51, 51]
    assert rollouts.first_score.tolist() == [scores[0] for scores in rollouts.scores]
    assert all(scores[-1] == pytest.approx(3, abs=0.1) for scores in rollouts.scores)
    assert all(scores[0] < scores[-1] for scores in rollouts.scores)


def test_a_seed_decides_everything_and_episodes_differ():
    first, second = (play(to_the_disc(), env_fn=PointRoom, episodes=4, seed=8) for _ in range(2))
    assert same(first, second)
    assert len(set(first.first_score.tolist())) == 4
    assert not same(first, play(to_the_disc(), env_fn=PointRoom, episodes=4, seed=9))
    assert same(first, play(to_the_disc(), env_fn=filmed, episodes=4, seed=8, frames=2))


def test_more_episodes_start_with_the_same_ones():
    few, many = (play(to_the_disc(), env_fn=PointRoom, episodes=count) for count in (2, 5))
    assert same(few, replace(many, scores=many.scores[:2]))


def test_an_environment_that_says_nothing_of_success():
    policy = to_the_disc()
    rollouts = play(policy, env_fn=lambda: Silent(PointRoom()), episodes=3)
    assert np.isnan([rollouts.rate_ever, rollouts.rate_end, rollouts.rate_end_low]).all()
    assert "of whose success nothing is known" in rollouts.summary()
    assert "of 3 of 3 episodes the environment does not say" in rollouts.warnings[0]
    seen = []

    def inside(observation):
        seen.append(observation)
        return np.hypot(*(observation - 0.6)) <= 0.15

    told = play(policy, env_fn=lambda: Silent(PointRoom()), episodes=3, success=inside)
    assert (told.rate_ever, told.rate_end, told.warnings) == (1, 1, ())
    assert np.shape(seen) == (150, 2)


def test_success_that_is_told_only_at_the_end_counts():
    class AtTheEnd(gymnasium.Wrapper):
        def step(self, action):
            observation, reward, terminated, truncated, info = self.env.step(action)
            return observation, reward, terminated, truncated, {"is_success": info["success"]} if truncated else {}

    rollouts = play(to_the_disc(), env_fn=lambda: AtTheEnd(PointRoom()), episodes=2)
    assert (rollouts.rate_ever, rollouts.rate_end) == (1, 1)


def test_a_policy_without_a_classifier_has_no_scores():
    rollouts = play(replace(to_the_disc(), critic=None), env_fn=PointRoom, episodes=2)
    assert np.isnan(rollouts.first_score).all()
    assert rollouts.rate_ever == 1
    assert rollouts.pictures() == {}


def test_lanes_of_a_vector_play_equally_many_episodes_whatever_their_length():
    lengths = iter([10, 30, 50])

    def room():
        return PointRoom(steps=next(lengths))

    made = []

    def vector():
        made.append(gymnasium.vector.SyncVectorEnv([room] * 3))
        return made[0]

    rollouts = play(to_the_disc(), env_fn=vector, episodes=7)
    assert rollouts.lengths.tolist() == [10, 30, 50, 10, 30, 50, 10]
    assert [len(scores) for scores in rollouts.scores] == [11, 31, 51, 11, 31, 51, 11]
    assert made[0].closed


def test_episodes_that_are_all_the_same_are_told():
    class OneStart(gymnasium.Wrapper):
        def reset(self, *, seed=None, options=None):
            return self.env.reset(seed=1)

    rollouts = play(to_the_disc(), env_fn=lambda: OneStart(PointRoom()), episodes=3)
    assert "all episodes are alike" in rollouts.warnings[0]


@pytest.mark.parametrize(
    ("policy", "env_fn", "message"),
    [
        (
            random_policy(observation=7, action=2),
            PointRoom,
            "learned with observations of 7 numbers and actions of 2 numbers; this environment has observations of 2",
        ),
        (
            to_the_disc(),
            lambda: PointRoom(discrete=True),
            "learned with .* actions of 2 numbers; this environment has .* 5 choices",
        ),
        (
            random_policy(observation=2, action=2),
            PointRoom,
            "action low of column 0 was -2 and is -1 in this environment",
        ),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(policy, env_fn, message):
    with pytest.raises(ProbatumError, match=message):
        play(policy, env_fn=env_fn)


def test_what_the_environment_raises_is_told_with_its_place():
    class Failing(gymnasium.Wrapper):
        def step(self, action):
            raise RuntimeError("the arm came off")

    with pytest.raises(ProbatumError, match=r"step 0.*RuntimeError: the arm came off"):
        play(to_the_disc(), env_fn=lambda: Failing(PointRoom()))
    with pytest.raises(ProbatumError, match="0 episodes, seed 0: give at least 1"):
        play(to_the_disc(), env_fn=PointRoom, episodes=0)


def test_progress_is_told():
    heard = []
    with listening(lambda done, total, what: heard.append((done, total, what))):
        play(to_the_disc(), env_fn=PointRoom, episodes=2)
    assert heard == [(0, 2, "episodes"), (1, 2, "episodes"), (2, 2, "episodes")]


def test_the_result_is_plain_and_draws_and_makes_a_page():
    rollouts = play(to_the_right(), env_fn=filmed, episodes=3, frames=1)
    fields = rollouts.to_dict()
    assert "films" not in fields
    assert json.loads(json.dumps(fields))["lengths"] == [50, 50, 50]
    assert len(rollouts.plot().lines) == 3
    assert list(rollouts.pictures()) == [
        "Foreseen success through each episode",
        "Episode 1, from its start to its end",
    ]
    page = report_html(rollouts, title="Rollouts", facts={}, code="")
    assert "Episode 1" in page
    assert len(page) < 400_000
