"""The check of examples: quiet about good ones, and each kind of bad ones recognised and named."""

import json
import re

import gymnasium
import matplotlib
import numpy as np
import pytest

from probatum.control.environments.make_environment import environment_from
from probatum.control.environments.point_room import GOAL, PointRoom, success_states
from probatum.control.example_check import check_examples
from probatum.control.examples.column_ranges import column_ranges
from probatum.errors import ProbatumError

matplotlib.use("Agg")

ROOM = environment_from("probatum/PointRoom-v0")


class GoalRoom(gymnasium.Env):
    """Columns: place (2), goal (2, new in each episode), place before (2), step / 50, a flag, a constant."""

    observation_space = gymnasium.spaces.Box(-2, 2, (9,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.goal = self.np_random.uniform(0.4, 0.8, 2)
        self.place = self.before = self.np_random.uniform(-0.9, -0.5, 2)
        self.time = 0
        return self.seen(), {}

    def seen(self):
        flag = float(np.hypot(*(self.place - self.goal)) < 0.05)
        return np.array([*self.place, *self.goal, *self.before, self.time / 50, flag, 0.7], np.float32)

    def step(self, action):
        self.before, self.time = self.place, self.time + 1
        self.place = np.clip(self.place + 0.05 * action, -1, 1)
        return self.seen(), 0.0, False, self.time >= 50, {}


def good(count=200, seed=0):
    generator = np.random.default_rng(seed)
    goal = generator.uniform(0.4, 0.8, (count, 2))
    place = goal + generator.uniform(-0.03, 0.03, (count, 2))
    before = place + generator.uniform(-0.05, 0.05, (count, 2))
    time = generator.integers(25, 51, (count, 1)) / 50
    return np.column_stack([place, goal, before, time, np.ones(count), np.full(count, 0.7)])


def changed(column, values):
    rows = good()
    rows[:, column] = values
    return rows


def paths(seed, count):
    """Straight ways from the room's starts to the disc and ten states more, each a list of places."""
    env, found = PointRoom(), []
    for number in range(count):
        place, _ = env.reset(seed=1000 * seed + number)
        generator, path, inside = np.random.default_rng(number), [place], 0
        while inside <= 10:
            away = np.array(GOAL) - place + generator.normal(0, 0.03, 2)
            place, _, _, _, info = env.step(away / max(0.1, np.linalg.norm(away)))
            path.append(place)
            inside += bool(info["success"])
        found.append(np.array(path))
    return found


def whole(seed=0, count=200):
    return np.concatenate(paths(seed, 25))[:count]


@pytest.mark.parametrize("seed", range(20))
def test_examples_from_the_disc_give_no_warning(seed):
    assert check_examples(success_states(200, seed), env_fn=ROOM, seed=seed, steps=1_000).warnings == ()


@pytest.mark.parametrize("seed", range(20))
def test_whole_trajectories_are_recognised(seed):
    rows = np.random.default_rng(seed).permutation(whole(seed))  # whatever their order
    check = check_examples(rows, env_fn=ROOM, seed=seed, steps=1_000)
    assert check.on_paths > 0.8
    assert any("look like whole trajectories" in warning for warning in check.warnings)


@pytest.mark.parametrize(
    "rows",
    [
        success_states(20, 1),
        success_states(800, 2),
        np.concatenate([path[-10:] for path in paths(3, 20)]),
        np.array([[0.6, 0.6]]),
        [np.array([0.6, 0.6]), np.array([0.61, 0.6])],
    ],
    ids=["few", "many", "ends of paths", "one", "two"],
)
@pytest.mark.parametrize("options", [{}, {"discrete": True}, {"wall": True}])
def test_other_good_examples_give_no_warning(rows, options):
    assert check_examples(rows, env_fn=lambda: PointRoom(**options), steps=1_000).warnings == ()


@pytest.mark.parametrize(
    "rows",
    [
        np.concatenate([whole(1, 100), success_states(100, 1)]),
        np.concatenate([path[::4] for path in paths(2, 40)]),
        whole(3, 40),
    ],
    ids=["mixed", "every fourth state", "two of them"],
)
def test_trajectories_are_recognised_in_part_and_thinned_out(rows):
    assert check_examples(rows, env_fn=ROOM).on_paths >= 0.25


@pytest.mark.parametrize("seed", range(3))
def test_good_examples_with_goals_give_no_warning(seed):
    check = check_examples(good(seed=seed), env_fn=GoalRoom, seed=seed)
    assert check.warnings == ()
    assert check.unreachable == ()
    assert check.reached < 0.1


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (changed(slice(2, 4), 0.0), (2, 3), "everything reachable: columns 2-3 never changed within an episode"),
        (changed(slice(2, 4), good()[:, 2:4] + 1), (2, 3), "columns 2-3 never changed"),
        (changed(8, 0.5), (8,), "column 8 never changed"),
        (changed(slice(2, 4), good()[0, 2:4]), (2, 3), "all examples are the same in columns 2-3.*one goal"),
        (changed(slice(4, 6), 0.0), (4, 5), "columns 4-5 never went farther than 0.05 from columns 0-1.*previous"),
        (changed(slice(0, 2), -1.0), (0, 1), "columns 0-1 never went farther than 0.05 from columns 4-5"),
        (changed(6, 0.0), (6,), "the steps of an episode are counted in column 6"),
        (changed(6, 25), (6,), "counted in column 6"),
        (good() * 1000, (0, 1, 4, 5, 6), "about .* times as large as any"),
    ],
    ids=["no goal", "other goals", "other constant", "one goal", "no frame", "no place", "no clock", "steps", "unit"],
)
def test_columns_that_no_action_can_bring_about_are_named(rows, columns, message):
    check = check_examples(rows, env_fn=GoalRoom)
    assert check.unreachable == columns
    assert any(re.search(message, warning) for warning in check.warnings)


def test_a_flag_that_success_sets_is_no_warning():
    assert set(good()[:, 7]) == {1.0}
    assert 7 not in check_examples(good(), env_fn=GoalRoom).unreachable


def test_values_out_of_bounds_are_named():
    rows = success_states(50, 0)
    rows[:, 1] += 0.5
    check = check_examples(rows, env_fn=ROOM)
    assert check.outside == (1,)
    assert any("leave the bounds of the observation space in column 1" in warning for warning in check.warnings)


def test_bounds_that_the_environment_breaks_are_no_measure():
    class Loose(PointRoom):
        def __new__(cls, **options):
            env = PointRoom(**options)
            env.observation_space = gymnasium.spaces.Box(0.0, 0.1, (2,), np.float32)
            return env

    assert check_examples(success_states(50, 0), env_fn=Loose).outside == ()


def test_examples_like_any_state_are_said():
    rows = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    check = check_examples(rows, env_fn=ROOM)
    assert check.lookalikes > 0.5
    assert check.reached > 0.5
    assert any("little to tell apart" in warning for warning in check.warnings)


def test_reached_follows_its_formula():
    """A part q of n random states spread like E examples reaches about 1 - exp(-n q k / E) of them."""

    class Often(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-9, 9, (2,), np.float32)
        action_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return np.full(2, 5, np.float32), {}

        def step(self, action):
            there = self.np_random.uniform() < 0.01
            place = self.np_random.uniform(-1, 1, 2) if there else np.full(2, 5) + self.np_random.uniform(-1, 1, 2)
            return place.astype(np.float32), 0.0, False, False, {}

    found = []
    for seed in range(4):
        rows = np.random.default_rng(seed).uniform(-1, 1, (400, 2))
        found.append(check_examples(rows, env_fn=Often, seed=seed, steps=2_000).reached)
    assert np.mean(found) == pytest.approx(1 - np.exp(-2_000 * 0.01 * 20 / 400), abs=0.15)


def test_duplicates_constants_and_failures_are_measured():
    rows = np.concatenate([success_states(50, 0)] * 4)
    check = check_examples(rows, env_fn=ROOM, success=lambda place: place[0] > 0.6)
    assert check.duplicates == 0.75
    assert check.failures == pytest.approx((rows[:, 0] <= 0.6).mean())
    assert 0 <= check.random_success < 0.2
    assert any("only 50 of 200 examples are different" in warning for warning in check.warnings)
    assert any("are no success by the function given" in warning for warning in check.warnings)
    rows[:, 1] = 0.5
    assert check_examples(rows, env_fn=ROOM).constant == (1,)


def test_random_success_is_what_the_environment_says():
    assert 0 <= check_examples(success_states(20, 0), env_fn=ROOM).random_success < 0.05
    assert np.isnan(check_examples(good(), env_fn=GoalRoom).random_success)


def test_the_seed_decides_everything():
    one, other = (check_examples(good(), env_fn=GoalRoom, seed=4).to_dict() for _ in range(2))
    assert json.dumps(one) == json.dumps(other)


def test_vector_environments_are_checked_too():
    check = check_examples(success_states(100, 0), env_fn=lambda: gymnasium.vector.SyncVectorEnv([PointRoom] * 4))
    assert check.warnings == ()
    assert check.states > 4_000


@pytest.mark.parametrize(
    ("rows", "given", "message"),
    [
        (np.zeros((5, 3)), {}, "examples of 3 columns, but an observation of the environment has 2"),
        ([[0.1, np.nan]], {}, "row 0, column 1 is nan"),
        ("missing.npz", {}, "no such file"),
        (np.zeros((5, 2)), {"steps": 0}, "steps=0"),
    ],
)
def test_what_cannot_be_checked_is_refused(rows, given, message):
    with pytest.raises(ProbatumError, match=message):
        check_examples(rows, env_fn=ROOM, **given)


def test_result_speaks_and_draws(tmp_path):
    check = check_examples(changed(slice(2, 4), 0.0), env_fn=GoalRoom)
    assert check.summary().startswith("1 warning: 200 examples of 9 columns, 0% of them within reach of random actions")
    assert "columns 2-3" in check.summary()
    assert "no warning: 1 examples of 2 columns (" in check_examples([[0.6, 0.6]], env_fn=ROOM).summary()
    assert len(check.plot().patches) == 9
    assert len(check.to_dict()["gaps"]) == 9
    assert check.gaps[2] > 0.5


def test_columns_in_words():
    plain = [f"column {number}" for number in range(6)]
    named = ["a[0]", "a[1]", "b[0]"]
    assert column_ranges([3], plain) == "column 3"
    assert column_ranges([4, 1, 2, 1], plain) == "columns 1-2, 4"
    assert column_ranges([0, 1, 2], named) == "columns 0-2 (a[0] to b[0])"
    assert column_ranges([2], named) == "column 2 (b[0])"


@pytest.mark.slow
def test_drawer_examples():
    from probatum.control.examples.collecting import collect_examples

    env_fn = environment_from("Meta-World/MT1", name="drawer-close-v3", max_episode_steps=150)
    rows = collect_examples(env_fn, source="scripted", count=200, seed=0)
    for seed in range(3):
        assert check_examples(rows, env_fn=env_fn, seed=seed).warnings == ()
    without = rows.copy()
    without[:, 36:39] = 0
    check = check_examples(without, env_fn=env_fn)
    assert check.unreachable == (36, 37, 38)
    assert "examples differ from everything reachable: columns 36-38" in check.warnings[0]
    path = collect_examples(env_fn, source="trajectories", count=200, seed=0)
    assert check_examples(path, env_fn=env_fn).on_paths > 0.9
