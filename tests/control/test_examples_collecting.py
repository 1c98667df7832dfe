"""States of success collected from environments: repeatable, true successes, and errors that say what to do."""

import sys

import gymnasium
import numpy as np
import pytest

from probatum.control.environments.lanes import Lanes
from probatum.control.environments.make_environment import environment_from
from probatum.control.environments.point_room import GOAL, RADIUS, PointRoom
from probatum.control.examples.collecting import collect_examples
from probatum.control.examples.moments import moments, random_actions
from probatum.errors import MissingExtra, ProbatumError

ROOM = environment_from("probatum/PointRoom-v0")
DRAWER = environment_from("Meta-World/MT1", name="drawer-close-v3", max_episode_steps=150)


def straight(observations, generator):
    """Go to the goal."""
    away = np.array(GOAL, np.float32) - observations
    return (away / np.maximum(0.1, np.linalg.norm(away, axis=1, keepdims=True))).astype(np.float32)


def in_the_disc(rows):
    return np.hypot(rows[:, 0] - GOAL[0], rows[:, 1] - GOAL[1]) <= RADIUS * (1 + 1e-6)


def test_successes_of_a_policy():
    rows = collect_examples(ROOM, source="success", count=35, seed=3, act=straight)
    assert rows.shape == (35, 2)
    assert rows.dtype == np.float32
    assert in_the_disc(rows).all()
    assert np.array_equal(rows, collect_examples(ROOM, source="success", count=35, seed=3, act=straight))
    assert not np.array_equal(rows, collect_examples(ROOM, source="success", count=35, seed=4, act=straight))
    steps = np.linalg.norm(np.diff(rows, axis=0), axis=1)
    assert (steps > 0).sum() < 20  # each episode gives its first ten, most of them at rest
    first = collect_examples(ROOM, source="success", count=35, seed=3, act=straight, per_episode=1)
    assert len(np.unique(first, axis=0)) == 35


def test_random_actions_come_to_successes_too():
    rows = collect_examples(ROOM, source="success", count=20, seed=0)
    assert in_the_disc(rows).all()


def test_a_function_may_say_what_a_success_is():
    rows = collect_examples(ROOM, source="success", count=30, seed=0, success=lambda place: place[0] > 0)
    assert (rows[:, 0] > 0).all()
    starts = collect_examples(ROOM, source="success", count=5, seed=0, success=lambda place: True, per_episode=1)
    assert np.array_equal(starts[0], Lanes(ROOM, seed=0).observations[0])  # the state of a reset counts as well


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
def test_vector_environments(mode):
    def several():
        made = getattr(gymnasium.vector.AutoresetMode, mode)
        return gymnasium.vector.SyncVectorEnv([PointRoom] * 3, autoreset_mode=made)

    rows = collect_examples(several, source="success", count=60, seed=1, act=straight)
    assert in_the_disc(rows).all()
    assert np.array_equal(rows, collect_examples(several, source="success", count=60, seed=1, act=straight))


def test_moments_count_steps_from_each_reset():
    lanes = Lanes(lambda: gymnasium.vector.SyncVectorEnv([lambda: PointRoom(steps=4)] * 2), seed=0)
    met = [
        moment
        for moment, _ in zip(moments(lanes, straight, generator=np.random.default_rng(0)), range(20), strict=False)
    ]
    by_episode = {number: [m for m in met if m.episode == number] for number in range(4)}
    for path in by_episode.values():
        assert [m.step for m in path] == [0, 1, 2, 3, 4]
        assert [m.last for m in path] == [False] * 4 + [True]
        assert path[0].success is None
        assert path[1].success is False
        assert np.linalg.norm(path[1].observation - path[0].observation) <= 0.1 + 1e-6
    lanes.close()


@pytest.mark.parametrize("discrete", [False, True])
def test_held_actions_are_held_and_random(discrete):
    lanes = Lanes(lambda: PointRoom(discrete=discrete), seed=0)
    generator, choose = np.random.default_rng(0), random_actions(lanes.spaces, held=10)
    actions = np.concatenate([choose(lanes.observations, generator) for _ in range(2_000)])
    changes = (np.diff(actions, axis=0) != 0).any(axis=1).mean()
    assert 0.06 < changes < 0.13
    assert np.abs(actions).max() == 1
    fresh = random_actions(lanes.spaces)
    actions = np.concatenate([fresh(lanes.observations, generator) for _ in range(500)])
    assert (np.diff(actions, axis=0) != 0).any(axis=1).mean() > 0.7
    assert np.abs(actions.mean(axis=0) - (0.2 if discrete else 0)).max() < 0.1


class Silent(gymnasium.Env):
    """An environment that says nothing about success."""

    observation_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(2, np.float32), {}

    def step(self, action):
        return np.zeros(2, np.float32), 0.0, False, False, {}


@pytest.mark.parametrize(
    ("env_fn", "given", "message"),
    [
        (Silent, {"source": "success"}, "does not say what a success is.*success=function"),
        (ROOM, {"source": "success", "steps": 30}, "only 0 of 200 examples after 30 steps in 1 episodes"),
        (ROOM, {"source": "scripted"}, "PointRoom has no scripted policy: only Meta-World"),
        (ROOM, {"source": "state_setter"}, "no state setter for PointRoom.*give setter=function"),
        (ROOM, {"source": "elsewhere"}, "source='elsewhere'.*'scripted', 'trajectories'"),
        (ROOM, {"source": "success", "count": 0}, "count=0.*give 1 or more"),
    ],
)
def test_what_cannot_be_collected_is_refused_in_words(env_fn, given, message):
    with pytest.raises(ProbatumError, match=message):
        collect_examples(env_fn, **given)


def test_states_by_a_setter():
    def place(env, generator):
        env.unwrapped._place = tuple(generator.uniform(0.55, 0.65, 2))
        return np.array(env.unwrapped._place, np.float32)

    rows = collect_examples(ROOM, source="state_setter", count=9, seed=2, setter=place)
    assert in_the_disc(rows).all()
    assert len(np.unique(rows, axis=0)) == 9
    assert np.array_equal(rows, collect_examples(ROOM, source="state_setter", count=9, seed=2, setter=place))


@pytest.mark.parametrize(
    ("setter", "message"),
    [
        (lambda env, generator: np.zeros(3), "state 0: the setter returned 3 numbers; an observation has 2"),
        (lambda env, generator: np.array([0, np.nan]), "returned nan in column 1"),
        (lambda env, generator: 1 / 0, "state 0: the setter failed with ZeroDivisionError"),
        (lambda env, generator: np.zeros(2), "state 0 of the setter is no success"),
    ],
)
def test_wrong_setters_are_refused_in_words(setter, message):
    with pytest.raises(ProbatumError, match=message):
        collect_examples(ROOM, source="state_setter", setter=setter, success=lambda place: place[0] > 0)


def test_states_are_not_set_in_vector_environments():
    with pytest.raises(ProbatumError, match="a state is set in a single one"):
        collect_examples(
            lambda: gymnasium.vector.SyncVectorEnv([PointRoom] * 2), source="state_setter", setter=lambda *_: None
        )


def test_scripted_policies_need_their_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "metaworld.env_dict", None)
    with pytest.raises(MissingExtra, match="metaworld"):
        collect_examples(ROOM, source="scripted")


def test_scripted_policy_of_meta_world_closes_the_drawer():
    rows = collect_examples(DRAWER, source="scripted", count=20, seed=0)
    assert rows.shape == (20, 39)
    assert (np.abs(rows[:, 5] - rows[0, 5]) < 0.06).all()  # the drawer is shut
    assert len(np.unique(rows[:, 36])) == 2  # two episodes, two goals


@pytest.mark.slow
@pytest.mark.parametrize("task", ["drawer-close-v3", "window-close-v3", "drawer-open-v3", "push-v3"])
def test_scripted_policies_repeat_and_reach_their_goals(task):
    env_fn = environment_from("Meta-World/MT1", name=task, max_episode_steps=150)
    rows = collect_examples(env_fn, source="scripted", count=200, seed=1)
    assert rows.shape == (200, 39)
    assert np.array_equal(rows, collect_examples(env_fn, source="scripted", count=200, seed=1))
    assert len(np.unique(rows[:, 36:], axis=0)) >= 10


@pytest.mark.slow
def test_trajectories_are_whole():
    rows = collect_examples(DRAWER, source="trajectories", count=200, seed=0)
    starts = np.flatnonzero((rows[:, :18] == rows[:, 18:36]).all(axis=1))  # the previous frame of a first is itself
    assert starts[0] == 0
    assert 2 <= len(starts) <= 6
    goals = [np.unique(rows[a:b, 36]) for a, b in zip(starts, [*starts[1:], 200], strict=True)]
    assert all(len(goal) == 1 for goal in goals)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "columns"), [("AdroitHandDoor-v1", 39), ("AdroitHandHammer-v1", 46)])
def test_adroit_states_are_successes(name, columns):
    rows = collect_examples(environment_from(name), source="state_setter", count=12, seed=0)
    assert rows.shape == (12, columns)
    assert np.array_equal(rows, collect_examples(environment_from(name), source="state_setter", count=12, seed=0))
    if columns == 39:
        assert (rows[:, 28] >= 1.35).all()  # the hinge
        assert (np.linalg.norm(rows[:, 35:38], axis=1) <= 0.25).all()  # palm to handle
    else:
        assert (rows[:, 26] > 0.08).all()  # the nail
    assert len(np.unique(rows, axis=0)) == 12
