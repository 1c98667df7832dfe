import dataclasses

import numpy as np
import pytest

from probatum.control.learning.reward_model import RewardModel
from probatum.control.objectives.learned_rewards import dac_reward, oril_reward, purl_reward, vice_reward

MET, SHOWN = 24, 16


def generators(*seeds):
    return [np.random.default_rng(seed) for seed in seeds]


def model(how, *seeds):
    return RewardModel(how, observation=3, hidden=(16, 12), rows=(MET, SHOWN), generators=generators(*seeds))


def rows_of(*seeds):
    """States around 0, then examples around 1."""
    rows = [np.random.default_rng([seed, 1]).normal(size=(MET + SHOWN, 3)) for seed in seeds]
    rows = np.stack(rows).astype(np.float32)
    rows[:, MET:] += 1
    return rows


def logits(one, rows):
    return one.stack.run(rows.shape[1]).forward(rows[:, None])[:, 0, :, 0].copy()


@pytest.mark.parametrize("make", [vice_reward, dac_reward, purl_reward, oril_reward])
def test_learning_brings_the_risk_down_and_tells_examples_apart(make):
    how = make(reward_rate=3e-3)
    one, rows, draws = model(how, 0), rows_of(0), generators(5)
    before = how.risk(logits(one, rows)[:, MET:], logits(one, rows)[:, :MET])[0]
    for _ in range(100):
        one.learn(rows, draws)
    after = logits(one, rows)
    if how.gradient_penalty == 0:
        assert how.risk(after[:, MET:], after[:, :MET])[0] < before
    assert after[:, MET:].mean() > after[:, :MET].mean() + 0.1


def test_the_first_step_goes_down_the_risk_by_both_kinds_of_rows():
    """Numerically: Adam's mean is a tenth of the slope of the risk by the last bias, the sum over all rows' slopes."""
    how = vice_reward()
    one, rows = model(how, 0), rows_of(0)
    said = logits(one, rows).astype(np.float64)
    one.learn(rows, generators(5))
    lift = 1e-4
    risks = [
        np.logaddexp(0, -said[:, MET:] - by).mean() + np.logaddexp(0, said[:, :MET] + by).mean() for by in (lift, -lift)
    ]
    assert one.adam.mean[0, 0, -1] == pytest.approx(0.1 * (risks[0] - risks[1]) / (2 * lift), rel=1e-3)


def test_the_penalty_holds_slopes_near_one():
    steep, held = (dataclasses.replace(vice_reward(reward_rate=0.01), gradient_penalty=by) for by in (0.0, 10.0))
    lengths = []
    for how in (steep, held):
        one, rows, draws = model(how, 0), rows_of(0), generators(5)
        for _ in range(200):
            one.learn(rows, draws)
        between = rows[:, :MET] + 0.5
        run = one.stack.run(MET)
        run.forward(between[:, None])
        slope = run.input_slope(np.ones((1, 1, MET, 1), np.float32), columns=slice(None))
        lengths.append(np.linalg.norm(slope[0, 0], axis=1).mean())
    assert lengths[0] > 2
    assert lengths[1] == pytest.approx(1, abs=0.35)


def test_rewards_are_those_of_the_met_rows():
    one, rows = model(vice_reward(clip=0.05), 0), rows_of(0)
    wanted = np.clip(logits(one, rows)[:, :MET], -0.05, 0.05)
    assert one.rewards(rows) == pytest.approx(wanted, abs=1e-6)
    assert one.rewards(rows).shape == (1, MET)
    changed = rows.copy()
    changed[:, MET:] += 5
    assert (one.rewards(changed) == one.rewards(rows)).all()


@pytest.mark.parametrize("how", [vice_reward(), dac_reward(), purl_reward()], ids=["vice", "dac", "purl"])
def test_a_member_comes_out_as_alone(how):
    together, alone = model(how, 1, 2, 3), model(how, 3)
    draws, own = generators(7, 8, 9), generators(9)
    rows = rows_of(1, 2, 3)
    for _ in range(50):
        together.learn(rows, draws)
        alone.learn(rows[2:].copy(), own)
    assert (together.stack.flat[2] == alone.stack.flat[0]).all()
    assert (together.rewards(rows)[2] == alone.rewards(rows[2:].copy())[0]).all()
