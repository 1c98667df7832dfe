import gymnasium
import numpy as np
import pytest
from corridor import Corridor, SelfResetting

from probatum.control.environments.point_room import PointRoom
from probatum.control.learning import evaluation
from probatum.control.learning.evaluation import try_out
from probatum.errors import ProbatumError


def idle(seen):
    return np.zeros((*seen.shape[:2], 1), np.float32)


def test_means_over_episodes_by_hand():
    """Terminal, and successful, at the third step of each episode; returns 10 + 20 + 30."""
    tried = try_out(idle, [Corridor(terminal=3), Corridor(cut=2)], episodes=4, seed=0)
    assert tried.ever.tolist() == tried.end.tolist() == [1, 0]
    assert tried.returns.tolist() == [60, 30]


def test_success_on_the_way_is_not_success_at_the_end():
    def second_step(seen):
        return seen[1] == 2

    tried = try_out(idle, [Corridor(cut=4), Corridor(cut=2)], episodes=3, seed=0, success=second_step)
    assert tried.ever.tolist() == [1, 1]
    assert tried.end.tolist() == [0, 1]


def test_success_that_is_never_told_is_nan():
    tried = try_out(idle, [Corridor(cut=4, says=False)], episodes=3, seed=0)
    assert np.isnan(tried.ever).all()
    assert np.isnan(tried.end).all()
    assert tried.returns.tolist() == [100]


def test_members_begin_alike_and_other_seeds_otherwise():
    starts = []

    def act(seen):
        starts.append(seen[:, 0, 0].tolist())
        return idle(seen)

    for seed in (0, 0, 1):
        try_out(act, [Corridor(cut=1), Corridor(cut=1)], episodes=5, seed=seed)
    assert all(one == other for one, other in starts)
    assert starts[:5] == starts[5:10]
    assert starts[:5] != starts[10:]
    assert len({one for one, _ in starts[:5]}) > 1


def test_a_member_that_is_ready_waits_for_the_others():
    """Long episodes of one member do not lengthen what is counted of the other."""
    tried = try_out(idle, [Corridor(terminal=1), Corridor(cut=20)], episodes=3, seed=0)
    assert tried.returns.tolist() == [10, 10 * 210]
    assert tried.ever.tolist() == [1, 0]


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
def test_lanes_of_an_environment_share_the_episodes(mode):
    """5 episodes of 2 lanes are 3 each: mean of returns 10 + 20 and 10 + 20 + 30, the first lane succeeds."""
    makers = [lambda: Corridor(terminal=2), lambda: Corridor(cut=3)]
    env = gymnasium.vector.SyncVectorEnv(makers, autoreset_mode=gymnasium.vector.AutoresetMode[mode])
    tried = try_out(idle, [env], episodes=5, seed=0)
    assert tried.returns.tolist() == [45]
    assert tried.ever.tolist() == tried.end.tolist() == [0.5]


def test_steps_that_an_environment_spends_on_resets_do_not_count():
    tried = try_out(idle, [SelfResetting()], episodes=6, seed=0)
    assert tried.returns.tolist() == [(60 + 100) / 2]
    assert tried.ever.tolist() == tried.end.tolist() == [1]


def test_episodes_without_an_end_are_an_error(monkeypatch):
    monkeypatch.setattr(evaluation, "LONGEST", 30)
    with pytest.raises(ProbatumError, match="no episode ended within 30 steps; give the environment a time limit"):
        try_out(idle, [Corridor()], episodes=2, seed=0)


def test_a_room_repeats():
    def right(seen):
        return np.concatenate([np.ones_like(seen[..., :1]), np.zeros_like(seen[..., :1])], axis=-1)

    first, second = (try_out(right, [PointRoom()], episodes=4, seed=3) for _ in range(2))
    assert first.returns.tolist() == second.returns.tolist()
