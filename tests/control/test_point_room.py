import warnings

import numpy as np
import pytest

from probatum.control.environments.point_room import GOAL, RADIUS, PointRoom, success_states
from probatum.errors import ProbatumError


def played(room, actions, seed=0):
    observations = [room.reset(seed=seed)[0]]
    ends = []
    for action in actions:
        observation, reward, terminated, truncated, info = room.step(action)
        assert reward == info["success"]
        assert not terminated
        observations.append(observation)
        ends.append(truncated)
    return np.array(observations), ends


def towards_goal(room, seed):
    place, _ = room.reset(seed=seed)
    success = []
    for _ in range(50):
        place, _, _, _, info = room.step((np.array(GOAL) - place) / 0.1)
        success.append(info["success"])
    return success


def test_gymnasium_finds_nothing_to_complain_about():
    from gymnasium.utils.env_checker import check_env

    for room in (PointRoom(render_mode="rgb_array"), PointRoom(discrete=True), PointRoom(wall=True)):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*(spec|render mode).*")  # it was made without gymnasium.make
            check_env(room)


def test_an_episode_lasts_its_steps():
    _, ends = played(PointRoom(), np.zeros((50, 2)))
    assert ends == [False] * 49 + [True]
    _, ends = played(PointRoom(steps=3), np.zeros((3, 2)))
    assert ends == [False, False, True]
    with pytest.raises(ProbatumError, match="0 steps"):
        PointRoom(steps=0)


def test_starts_lie_on_the_left_and_repeat():
    room = PointRoom()
    starts = np.array([room.reset(seed=seed)[0] for seed in range(300)])
    assert (starts[:, 0] >= -0.9).all()
    assert (starts[:, 0] <= -0.1).all()
    assert np.abs(starts[:, 1]).max() <= 0.9
    assert starts.std(axis=0).min() > 0.2
    assert room.reset(seed=5)[0].tolist() == starts[5].tolist()


def test_no_step_is_longer_than_the_speed_and_none_leaves_the_square():
    actions = np.random.default_rng(0).uniform(-1, 1, (200, 2)) * 3
    places, _ = played(PointRoom(steps=200), actions)
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() <= 0.1 + 1e-6
    places, _ = played(PointRoom(), [(1, 1)] * 50)
    assert np.abs(places).max() <= 1


def test_going_straight_succeeds_and_may_stay():
    for seed in range(5):
        success = towards_goal(PointRoom(), seed)
        assert success[-1] == 1
        assert sum(success) > 20


def test_the_wall_lets_pass_only_at_the_doorway():
    room = PointRoom(wall=True)
    for seed in range(30):
        start, _ = room.reset(seed=seed)
        places, _ = played(room, [(1, 0)] * 50, seed)
        assert (places[-1, 0] > 0) == (abs(start[1]) <= 0.3)
    room.reset(seed=0)
    room._place = (-0.05, 0.2)
    assert room.step((1, 0))[0] == pytest.approx([0.05, 0.2])
    room._place = (0.05, 0.8)
    assert room.step((-1, 0))[0] == pytest.approx([0.01, 0.8])  # it stops at the wall, from the right too
    assert room.step((-1, 0.5))[0][0] > 0


def test_five_choices_go_their_ways():
    room = PointRoom(discrete=True)
    moves = []
    for choice in range(5):
        places, _ = played(room, [choice])
        moves.append(np.round((places[1] - places[0]) / 0.1).tolist())
    assert moves == [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]


def test_random_actions_seldom_succeed():
    room = PointRoom()
    generator = np.random.default_rng(0)
    hits = 0
    for episode in range(300):
        room.reset(seed=episode)
        hits += max(room.step(action)[1] for action in generator.uniform(-1, 1, (50, 2)))
    assert hits <= 9


def test_examples_lie_in_the_disc_and_fill_it():
    rows = success_states(2_000, seed=1)
    assert rows.shape == (2_000, 2)
    assert rows.dtype == np.float32
    distance = np.hypot(*(rows.astype(np.float64) - GOAL).T)
    assert distance.max() <= RADIUS
    assert np.mean(distance <= RADIUS / 2) == pytest.approx(0.25, abs=0.04)
    assert success_states(3, seed=4).tolist() == success_states(3, seed=4).tolist()
    with pytest.raises(ProbatumError, match="0 examples"):
        success_states(0)


def test_a_frame_shows_the_point():
    room = PointRoom(wall=True)
    room.reset(seed=0)
    frame = room.render()
    assert frame.shape == (96, 96, 3)
    room.step((1, 0))
    assert (room.render() != frame).any()
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) == 4  # floor, disc, wall, point
