import json

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces as kinds
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from probatum.control.environments.faults import EnvironmentFault, NotRepeatable
from probatum.control.environments.lanes import Lanes
from probatum.control.environments.point_room import PointRoom
from probatum.errors import ProbatumError

MODES = list(AutoresetMode)


class Counter(gymnasium.Env):
    """Shows (what the seed drew, steps since the reset, sum of actions); the draw decides how long an episode is."""

    def __init__(self, key="success", longest=9, action_space=None):
        self.observation_space = kinds.Box(-np.inf, np.inf, (3,), np.float64)
        self.action_space = action_space or kinds.Box(-1, 1, (1,), np.float32)
        self.key = key
        self.longest = longest

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.draw = int(self.np_random.integers(1_000))
        self.state = np.array([self.draw, 0.0, 0.0])
        return self.state, {}

    def step(self, action):
        self.state[1:] += (1, np.sum(action))  # the same array each time, as some environments do
        over = self.state[1] >= 2 + self.draw % (self.longest - 1)
        success = self.state[1] % 2 == 0
        return self.state, float(self.state[2]), False, bool(over), {self.key: success, "place": self.state.copy()}


class Forgetful(Counter):
    """Pays no attention to the seed."""

    drawn = 0

    def reset(self, *, seed=None, options=None):
        Forgetful.drawn += 1
        return super().reset(seed=Forgetful.drawn)


class Broken(Counter):
    """Does something wrong at its third step, or at its second reset."""

    def __init__(self, fault):
        super().__init__()
        self.fault = fault
        self.resets = 0

    def reset(self, **arguments):
        state, info = super().reset(**arguments)
        self.draw = 0  # two steps an episode
        self.resets += 1
        if self.fault == "reset" and self.resets == 2:
            raise OSError("no simulator")
        return (state + np.nan if self.fault == "reset nan" and self.resets == 2 else state), info

    def step(self, action):
        state, reward, terminated, truncated, info = super().step(action)
        if self.resets == 2:
            if self.fault == "raise":
                raise RuntimeError("joint limit")
            if self.fault == "four":
                return state, reward, terminated, info
            state = {
                "nan": np.array([1, np.nan, np.inf]),
                "inf": np.array([1, 1, 1e300]),
                "short": np.zeros(2),
                "ragged": [[1, 2], [3]],
            }.get(self.fault, state)
            reward = {"reward": np.nan, "no reward": None}.get(self.fault, reward)
        return state, reward, terminated, truncated, info


def vector(mode, kind=SyncVectorEnv, count=3, env_fn=Counter):
    return lambda: kind([env_fn] * count, autoreset_mode=mode)


def actions_for(lanes, steps, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (steps, lanes.count, lanes.spaces.action)).astype(np.float32)


def transitions(lanes, steps, seed=0):
    """Play, and return each lane's valid transitions as (before, arrived, reward, ended, success) rows."""
    rows = [[] for _ in range(lanes.count)]
    for action in actions_for(lanes, steps, seed):
        before = lanes.observations
        kept = before.copy()
        stepped = lanes.step(action)
        assert (before == kept).all()  # what was handed out never changes
        for lane in np.flatnonzero(stepped.valid):
            rows[lane].append(
                (
                    *before[lane],
                    *stepped.arrived[lane],
                    stepped.rewards[lane],
                    stepped.ended[lane],
                    stepped.success[lane],
                )
            )
    return [np.array(lane, np.float64) for lane in rows]


def test_one_environment():
    lanes = Lanes(Counter, seed=0)
    assert (lanes.count, lanes.spaces.observation, lanes.spaces.action) == (1, 3, 1)
    assert lanes.observations.shape == (1, 3)
    stepped = lanes.step([[0.5]])
    assert stepped.arrived.tolist() == [[lanes.observations[0, 0], 1, 0.5]]
    assert stepped.arrived.dtype == stepped.rewards.dtype == stepped.success.dtype == np.float32
    assert (stepped.rewards.tolist(), stepped.success.tolist()) == ([0.5], [0])
    assert (stepped.terminated.tolist(), stepped.ended.tolist(), stepped.valid.tolist()) == ([False], [False], [True])
    assert stepped.info[0]["place"].tolist() == stepped.arrived[0].tolist()


@pytest.mark.parametrize("env_fn", [Counter, *[vector(mode) for mode in MODES]], ids=["Env", *[str(m) for m in MODES]])
def test_only_true_transitions_come_out(env_fn):
    lanes = Lanes(env_fn, seed=0)
    for rows in transitions(lanes, 60):
        before, arrived, ended = rows[:, :3], rows[:, 3:6], rows[:, 7] == 1
        assert (arrived[:, 0] == before[:, 0]).all()  # never into the next episode
        assert (arrived[:, 1] == before[:, 1] + 1).all()
        assert (ended == (arrived[:, 1] == 2 + arrived[:, 0] % 8)).all()
        assert (before[1:][ended[:-1], 1] == 0).all()
        assert (before[1:][~ended[:-1]] == arrived[:-1][~ended[:-1]]).all()
        assert (rows[:, 6] == arrived[:, 2]).all()
        assert (rows[:, 8] == (arrived[:, 1] % 2 == 0)).all()
        assert ended.sum() > 5
        assert len(np.unique(before[:, 0])) > 5  # each episode has its own seed


def test_all_ways_of_resetting_give_the_same_transitions():
    played = [transitions(Lanes(vector(mode), seed=4), 40) for mode in MODES]
    for others in played[1:]:
        for rows, same in zip(played[0], others, strict=True):
            assert (rows == same).all()
    lone = transitions(Lanes(Counter, seed=4), 40)
    assert (lone[0] == transitions(Lanes(vector(MODES[0], count=1), seed=4), 40)[0]).all()


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_environments_in_other_processes(mode):
    lanes = Lanes(vector(mode, AsyncVectorEnv), seed=4)
    here = Lanes(vector(mode), seed=4)
    for rows, same in zip(transitions(lanes, 25), transitions(here, 25), strict=True):
        assert (rows == same).all()
    state = lanes.state()
    lanes.step(np.zeros((3, 1)))
    lanes.restore(state)
    lanes.close()


class Native(gymnasium.vector.VectorEnv):
    """Two counters that step together and reset themselves, as a simulator on a GPU does."""

    def __init__(self, mode, final=True):
        self.num_envs = 2
        self.single_observation_space = kinds.Box(-np.inf, np.inf, (2,), np.float32)
        self.single_action_space = kinds.Discrete(2)
        self.observation_space = kinds.Box(-np.inf, np.inf, (2, 2), np.float32)
        self.action_space = kinds.MultiDiscrete([2, 2])
        self.metadata = {"autoreset_mode": mode}
        self.final = final

    def reset(self, *, seed=None, options=None):
        mask = (options or {}).get("reset_mask", np.ones(2, bool))
        if mask.all():
            self.place = np.array([[0.0, 0.0], [0.0, 0.0]], np.float32)
        self.place[mask] += (100, 0)
        self.place[mask, 1] = 0
        self.over = np.zeros(2, bool)
        return self.place.copy(), {}

    def step(self, actions):
        assert actions.dtype.kind == "i"
        fresh = self.over if self.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP else np.zeros(2, bool)
        self.place[~fresh, 1] += 1
        self.place[fresh, 0] += 100
        self.place[fresh, 1] = 0
        self.over = self.place[:, 1] >= (3, 4)
        over, info = self.over.copy(), {"is_success": self.place[:, 1] > 2}
        if self.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP and over.any():
            if self.final:
                info |= {"final_obs": self.place.copy(), "final_info": {"is_success": np.ones(2, bool)}}
            self.place[over] = self.place[over] * (1, 0) + (100, 0)
        return self.place.copy(), self.place[:, 1].copy(), np.zeros(2, bool), over, info


@pytest.mark.parametrize("mode", MODES)
def test_vector_environments_that_reset_themselves(mode):
    lanes = Lanes(lambda: Native(mode), seed=0)
    for lane, rows in enumerate(transitions(lanes, 30)):
        before, arrived, ended = rows[:, :2], rows[:, 2:4], rows[:, 5] == 1
        assert (arrived[:, 0] == before[:, 0]).all()
        assert (arrived[:, 1] == before[:, 1] + 1).all()
        assert (ended == (arrived[:, 1] == 3 + lane)).all()
        assert ended.sum() >= 5
        assert (rows[ended, 6] == 1).all()
    with pytest.raises(NotRepeatable, match="SyncVectorEnv and AsyncVectorEnv can"):
        lanes.restore(lanes.state())
    lanes.restart()
    assert lanes.observations[:, 1].tolist() == [0, 0]


def test_gymnasiums_own_vector_environment():
    lanes = Lanes(lambda: gymnasium.make_vec("CartPole-v1", num_envs=4), seed=0)
    invalid = 0
    for action in actions_for(lanes, 100):
        stepped = lanes.step(action)
        again = lanes.observations[~stepped.valid]
        assert (np.abs(again) <= 0.05).all()  # where CartPole starts
        assert not stepped.ended[~stepped.valid].any()
        invalid += len(again)
    assert invalid > 4


def test_a_vector_environment_must_say_how_it_resets():
    with pytest.raises(ProbatumError, match=r"metadata\['autoreset_mode'\] is None"):
        Lanes(lambda: Native(None), seed=0)
    lanes = Lanes(lambda: Native(AutoresetMode.SAME_STEP, final=False), seed=0)
    with pytest.raises(EnvironmentFault, match=r"step 2, lane 0: .*info\['final_obs'\]"):
        transitions(lanes, 4)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("success", [0, 1]), ("is_success", [0, 1]), ("goal_achieved", [0, 1]), ("other", [np.nan] * 2)],
)
def test_success_is_read_under_its_names(key, expected):
    for env_fn in (lambda: Counter(key), vector(MODES[0], env_fn=lambda: Counter(key))):
        lanes = Lanes(env_fn, seed=0)
        zeros = np.zeros((lanes.count, 1))
        seen = [lanes.step(zeros).success[0] for _ in range(2)]
        np.testing.assert_array_equal(seen, expected)


def test_infos_are_told_apart_by_lane():
    lanes = Lanes(vector(AutoresetMode.SAME_STEP), seed=0)
    for action in actions_for(lanes, 30):
        stepped = lanes.step(action)
        assert len(stepped.info) == 3
        for lane, info in enumerate(stepped.info):
            assert info["place"].tolist() == pytest.approx(stepped.arrived[lane].tolist())
            assert info["success"] == stepped.success[lane]
    assert stepped.info[-1]["place"].tolist() == stepped.info[0:3][2]["place"].tolist()
    with pytest.raises(IndexError):
        stepped.info[3]


@pytest.mark.parametrize("env_fn", [Counter, PointRoom, *[vector(mode) for mode in MODES]])
@pytest.mark.parametrize("steps", [0, 1, 17, 40])
def test_restoring_goes_on_bit_for_bit(env_fn, steps):
    lanes = Lanes(env_fn, seed=2)
    transitions(lanes, steps)
    state = lanes.state()
    plain = json.loads(json.dumps({key: value for key, value in state.items() if not isinstance(value, np.ndarray)}))
    arrays = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
    assert set(arrays) == {"actions", "observations"}
    on = transitions(lanes, 30, seed=1)
    later = Lanes(env_fn, seed=9)
    transitions(later, 5)
    later.restore(plain | arrays)
    assert later.state()["actions"].tobytes() == state["actions"].tobytes()
    for rows, same in zip(on, transitions(later, 30, seed=1), strict=True):
        assert rows.tobytes() == same.tobytes()
    for left, right in zip(lanes.state().values(), later.state().values(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_restoring_choices():
    def env_fn():
        return Counter(action_space=kinds.Discrete(3, start=1))

    lanes = Lanes(env_fn, seed=0)
    assert lanes.step([[0, 0, 1]]).arrived[0, 2] == 3
    state = lanes.state()
    later = Lanes(env_fn, seed=1)
    later.restore(state)
    assert later.observations.tolist() == lanes.observations.tolist()


@pytest.mark.parametrize("env_fn", [Forgetful, vector(MODES[0], env_fn=Forgetful)])
def test_an_environment_that_ignores_its_seed_is_found_out(env_fn):
    lanes = Lanes(env_fn, seed=0)
    lanes.step(np.zeros((lanes.count, 1)))
    with pytest.raises(NotRepeatable, match=r"did not repeat: after 1 steps \d of 3 columns differ, first column 0"):
        lanes.restore(lanes.state())
    lanes.restart()
    assert (lanes.observations[:, 1] == 0).all()
    assert lanes.state()["lengths"] == [0] * lanes.count


def test_an_episode_that_ends_early_is_found_out():
    def state_of(env_fn, count):
        lanes = Lanes(env_fn, seed=0)
        return lanes.state() | {"lengths": [30] * count, "actions": np.zeros((30 * count, 1), np.float32)}

    with pytest.raises(NotRepeatable, match=r"ended at step \d+ when repeated"):
        Lanes(Counter, seed=0).restore(state_of(Counter, 1))
    with pytest.raises(NotRepeatable, match=r"in lane \d ended early when repeated"):
        Lanes(vector(MODES[0]), seed=0).restore(state_of(vector(MODES[0]), 3))


def test_states_of_another_environment_are_refused():
    lanes = Lanes(Counter, seed=0)
    with pytest.raises(ProbatumError, match=r"observations of shape \(3, 3\), this environment's are \(1, 3\)"):
        lanes.restore(Lanes(vector(MODES[0]), seed=0).state())
    with pytest.raises(ProbatumError, match="KeyError"):
        lanes.restore({"observations": []})
    with pytest.raises(ProbatumError, match="cannot be read"):
        lanes.restore(lanes.state() | {"generator": {"bit_generator": "MT19937"}})


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            "nan",
            r"step 2, lane 0 \(step 0 of the episode with seed \d+, action \[0.25\]\).*column 1 = nan, column 2 = inf",
        ),
        ("inf", "not finite .*column 2 = inf"),
        ("short", "the observation has 2 columns, the environment's space 3"),
        ("ragged", "step 2, lane 0 .*failed with ValueError"),
        ("reward", "the reward is nan"),
        ("no reward", "step 2, lane 0 .*failed with TypeError"),
        ("raise", r"step 2, lane 0 .*action \[0.25\]\): the environment failed with RuntimeError: joint limit"),
        ("four", r"failed with ValueError: not enough values to unpack \(expected 5, got 4\)"),
        ("reset", r"reset with seed \d+, before step 2: the environment failed with OSError: no simulator"),
        ("reset nan", r"reset with seed \d+, before step 2: .*column 0 = nan, column 1 = nan, column 2 = nan"),
    ],
)
def test_faults_of_an_environment_are_named(fault, message):
    lanes = Lanes(lambda: Broken(fault), seed=0)
    with pytest.raises(EnvironmentFault, match=message) as caught:
        for _ in range(3):
            lanes.step([[0.25]])
    assert (caught.value.__cause__ is not None) == ("failed" in message)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("nan", r"step 2, lane 0 \(action \[0.25\]\): .*column 1 = nan"),
        ("reward", "step 2, lane 0 .*the reward is nan"),
        ("raise", "step 2, actions .*: the environment failed with RuntimeError: joint limit"),
        ("reset", r"reset of lanes \[0, 1\] before step 2 .*OSError: no simulator"),
        ("reset nan", "lane 0: the observation is not finite"),
    ],
)
def test_faults_of_a_vector_environment_are_named(fault, message):
    lanes = Lanes(vector(AutoresetMode.DISABLED, count=2, env_fn=lambda: Broken(fault)), seed=0)
    with pytest.raises(EnvironmentFault, match=message):
        for _ in range(3):
            lanes.step([[0.25], [0.25]])


@pytest.mark.parametrize("env_fn", [Counter, vector(MODES[0], count=1)])
@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([0.1], r"step 0: actions of shape \(1,\); give \(lanes, action\) = \(1, 1\)"),
        ([[0.1, 0.2]], r"actions of shape \(1, 2\)"),
        ([[1.5]], r"step 0, lane 0: action column 0 is 1.5; give numbers in \[-1, 1\]"),
        ([[np.nan]], "action column 0 is nan"),
    ],
)
def test_wrong_actions_are_refused(env_fn, actions, message):
    with pytest.raises(ProbatumError, match=message):
        Lanes(env_fn, seed=0).step(actions)


def test_a_choice_that_is_no_number_is_refused():
    lanes = Lanes(lambda: Counter(action_space=kinds.Discrete(2)), seed=0)
    with pytest.raises(ProbatumError, match="the largest of which is the choice"):
        lanes.step([[0.0, np.nan]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-0.3, 0.7), (2, 5)])
def test_actions_are_scaled_as_the_policy_scales_them(dtype, low, high):
    space = kinds.Box(np.full((2, 2), low, dtype), np.full((2, 2), high, dtype), dtype=dtype)
    taken = []

    class Recording(Counter):
        def step(self, action):
            assert action.dtype == dtype
            taken.append(action.copy())
            action[:] = 0  # an environment may do what it likes with it
            return super().step(action)

    lanes = Lanes(lambda: Recording(action_space=space), seed=0)
    drawn = actions_for(lanes, 50)
    kept = drawn.copy()
    for action in drawn:
        lanes.step(action)
    assert (drawn == kept).all()
    assert (np.array(taken, np.float32) == lanes.spaces.to_environment(drawn[:, 0])).all()
    assert np.min(taken) >= low - 1e-7
    assert np.max(taken) <= high + 1e-7


def test_dict_observations_in_a_vector():
    space = kinds.Dict({"place": kinds.Box(-9, 9, (2,)), "door": kinds.Discrete(2), "a": kinds.Box(-1, 1, (1,))})

    class Doors(Counter):
        def __init__(self):
            super().__init__()
            self.observation_space = space

        def seen(self, state):
            return {"place": state[:2].astype(np.float32) % 9, "door": int(state[1]) % 2, "a": np.zeros(1, np.float32)}

        def reset(self, **arguments):
            state, info = super().reset(**arguments)
            return self.seen(state), info

        def step(self, action):
            state, *rest = super().step(action)
            return self.seen(state), *rest

    played = [transitions(Lanes(env_fn, seed=3), 20) for env_fn in (Doors, vector(MODES[1], count=1, env_fn=Doors))]
    assert played[0][0].shape == (20, 2 * 5 + 3)
    assert (played[0][0] == played[1][0]).all()


@pytest.mark.parametrize(
    ("env_fn", "message"),
    [
        ("Pendulum-v1", "makes no environment; give a function"),
        (lambda: 1 / 0, "could not be made: ZeroDivisionError"),
        (lambda: "Pendulum-v1", "give a gymnasium Env or VectorEnv"),
        (lambda: Counter(action_space=kinds.MultiBinary(2)), "cannot be learned"),
    ],
)
def test_what_is_no_environment_is_refused(env_fn, message):
    with pytest.raises(ProbatumError, match=message):
        Lanes(env_fn, seed=0)


def test_seeds_decide_everything():
    first, same, other = (transitions(Lanes(PointRoom, seed=seed), 120)[0] for seed in (1, 1, 2))
    assert first.tobytes() == same.tobytes()
    assert first.tobytes() != other.tobytes()
