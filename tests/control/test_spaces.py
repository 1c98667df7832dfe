import json
import re

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces as kinds

from probatum.control.environments.spaces import Spaces, flatten_observation, read_spaces
from probatum.errors import ProbatumError

BOX = kinds.Box(-1.0, 1.0, (2,), np.float32)


def box(low, high):
    return kinds.Box(np.array(low, np.float32), np.array(high, np.float32))


class Shown:
    def __init__(self, observation_space, action_space=BOX):
        self.observation_space = observation_space
        self.action_space = action_space


def test_a_plain_box():
    spaces = read_spaces(Shown(kinds.Box(-np.inf, np.inf, (3,)), box([-2, 0], [2, 10])))
    assert (spaces.observation, spaces.action, spaces.discrete) == (3, 2, False)
    assert spaces.names == ("column 0", "column 1", "column 2")
    assert np.isneginf(spaces.observation_low).all()
    assert spaces.action_low.tolist() == [-2, 0]
    assert spaces.action_high.tolist() == [2, 10]


def test_dict_and_tuple_columns_have_readable_names():
    goal = kinds.Box(-5, 5, (2,), np.float64)
    inner = kinds.Dict({"microwave": kinds.Box(0, 1, (1,)), "kettle": kinds.Discrete(2)})
    space = kinds.Dict({"observation": kinds.Box(-1, 1, (2, 2)), "achieved_goal": goal, "tasks": inner})
    spaces = read_spaces(Shown(space))
    assert spaces.names == (
        "achieved_goal[0]",
        "achieved_goal[1]",
        "observation[0]",
        "observation[1]",
        "observation[2]",
        "observation[3]",
        "tasks.kettle[0]",
        "tasks.kettle[1]",
        "tasks.microwave[0]",
    )
    assert spaces.observation_low.tolist() == [-5, -5, -1, -1, -1, -1, 0, 0, 0]
    pair = kinds.Tuple([kinds.MultiBinary(2), kinds.Box(0, 1, ())])
    assert read_spaces(Shown(pair)).names == ("(0)[0]", "(0)[1]", "(1)[0]")


@pytest.mark.parametrize(
    "space",
    [
        kinds.Box(-1, 1, (2, 3)),
        kinds.Box(0, 255, (4, 4, 3), np.uint8),
        kinds.Discrete(5, start=2),
        kinds.MultiDiscrete([2, 3]),
        kinds.MultiBinary(4),
        kinds.Tuple([kinds.Discrete(3), kinds.Box(-1, 1, (2,))]),
        kinds.Dict({"b": kinds.Box(-1, 1, (2, 2), np.float64), "a": kinds.Box(-1, 1, (1,), np.float32)}),
        kinds.Dict({"b": kinds.Discrete(2), "a": kinds.Dict({"c": kinds.MultiBinary(2)})}),
    ],
    ids=str,
)
def test_flattening_agrees_with_gymnasium(space):
    space.seed(3)
    value = space.sample()
    row = flatten_observation(space, value)
    assert row.dtype == np.float32
    assert row.shape == (read_spaces(Shown(space)).observation,)
    assert row.tolist() == kinds.flatten(space, value).astype(np.float32).tolist()


def test_a_flattened_row_is_a_copy():
    value = np.zeros(3, np.float32)
    row = flatten_observation(kinds.Box(-1, 1, (3,)), value)
    value[:] = 1
    assert row.tolist() == [0, 0, 0]


def test_actions_reach_the_bounds_and_never_leave_them():
    low, high = np.array([-2.0, 0.1], np.float32), np.array([2.0, 0.7], np.float32)
    space = kinds.Box(low, high)
    spaces = read_spaces(Shown(BOX, space))
    ends = spaces.to_environment([[-1, -1], [1, 1], [0, 0]])
    assert ends.dtype == np.float32
    assert ends[0] == pytest.approx(low, abs=1e-6)
    assert ends[1] == pytest.approx(high, abs=1e-6)
    assert all(space.contains(action) for action in ends)
    assert ends[2] == pytest.approx([0, 0.4])
    drawn = spaces.to_environment(np.random.default_rng(0).uniform(-1, 1, (1_000, 2)))
    assert all(space.contains(action) for action in drawn)


def test_actions_keep_their_shape():
    spaces = read_spaces(Shown(BOX, kinds.Box(-1, 1, (2, 3))))
    assert spaces.action == 6
    assert spaces.to_environment(np.zeros((4, 6))).shape == (4, 2, 3)


def test_choices_count_from_where_the_space_does():
    spaces = read_spaces(Shown(BOX, kinds.Discrete(3, start=-1)))
    assert (spaces.discrete, spaces.action) == (True, 3)
    assert spaces.to_environment(np.eye(3)).tolist() == [-1, 0, 1]
    assert spaces.action_low.tolist() == [0, 0, 0]
    assert spaces.action_high.tolist() == [1, 1, 1]


def test_a_vector_environment_shows_one_lane():
    vector = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make("Pendulum-v1")] * 3)
    single = gymnasium.make("Pendulum-v1")
    assert read_spaces(vector) == read_spaces(single)
    vector.close()
    single.close()


@pytest.mark.parametrize("action", [BOX, kinds.Discrete(4, start=1), kinds.Box(-2, 3, (2, 2), np.float64)])
def test_json_keeps_everything(action):
    spaces = read_spaces(Shown(kinds.Dict({"a": kinds.Box(-np.inf, 3, (2,)), "b": BOX}), action))
    text = json.dumps(spaces.to_dict(), allow_nan=False)
    again = Spaces.from_dict(json.loads(text))
    assert again == spaces
    assert again.observation_low.tolist() == [-np.inf, -np.inf, -1, -1]
    assert again != read_spaces(Shown(BOX))
    assert spaces != "spaces"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ["a"]}, "2 observation and 2 action columns"),
        ({"action": 3}, "3 action columns"),
        ({"action_low": [1, 1]}, "give what Spaces.to_dict wrote"),
        ({"action_high": [None, 1]}, "give what Spaces.to_dict wrote"),
        ({"observation": "many"}, "many"),
        ({"names": None}, "cannot be read"),
    ],
)
def test_spaces_that_contradict_themselves_are_refused(change, message):
    with pytest.raises(ProbatumError, match=message):
        Spaces.from_dict(read_spaces(Shown(BOX)).to_dict() | change)


def test_spaces_with_a_part_missing_are_refused():
    with pytest.raises(ProbatumError, match="KeyError"):
        Spaces.from_dict({"observation": 3})


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (kinds.Box(-np.inf, np.inf, (2,)), "column 0 of the action space .* goes from -inf to inf; give a float Box"),
        (box([-1, 0.5], [1, 0.5]), "column 1 of the action space .* goes from 0.5 to 0.5"),
        (kinds.Box(0, 9, (2,), np.int64), "cannot be learned; give a float Box"),
        (kinds.MultiDiscrete([2, 2]), "MultiDiscrete.* cannot be learned"),
        (kinds.Dict({"move": BOX}), "Dict.* cannot be learned"),
        (kinds.Discrete(1), "leaves no choice"),
        (kinds.Box(-1, 1, (0,)), "is empty"),
    ],
)
def test_actions_that_cannot_be_learned_are_refused(action, message):
    with pytest.raises(ProbatumError, match=message):
        read_spaces(Shown(BOX, action))


def test_nan_bounds_are_refused():
    space = kinds.Box(-1, 1, (2,))
    space.low = np.array([np.nan, -1], np.float32)
    with pytest.raises(ProbatumError, match=r"column 0 .* goes from nan to 1"):
        read_spaces(Shown(BOX, space))


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (kinds.Text(5), "no row of numbers"),
        (kinds.Sequence(BOX), "no row of numbers"),
        (kinds.Graph(BOX, None), "no row of numbers"),
        (kinds.Dict({"a": kinds.Tuple([kinds.Text(3)])}), re.escape("holds Text(1, 3")),
        (kinds.Box(-1, 1, (0,)), "no columns"),
    ],
)
def test_observations_that_are_no_numbers_are_refused(space, message):
    with pytest.raises(ProbatumError, match=message):
        read_spaces(Shown(space))


def test_something_else_than_an_environment_is_refused():
    with pytest.raises(ProbatumError, match="give a gymnasium Env or VectorEnv"):
        read_spaces("Pendulum-v1")
