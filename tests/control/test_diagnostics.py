import numpy as np
import pytest
from plain_learning import examples_of, make_learner, walked_replay

from probatum.control.learning.diagnostics import diagnose
from probatum.control.methods import rce, sqil, sqil_squared, vice

SEED = 3
HELD_OUT = [examples_of(8)[:4]]
OF_CLASSIFIERS = ("saturated", "odds_examples", "odds_heldout")


def diagnosed(objective, *, held_out=HELD_OUT, updates=10):
    replay = walked_replay([SEED])
    learner = make_learner(objective, seeds=(SEED,), replay=replay)
    for _ in range(updates):
        learner.update(replay)
    draws = [np.random.default_rng(0)]
    found = diagnose(learner, replay, held_out=held_out, generators=draws)
    return learner, replay, {name: float(values[0]) for name, values in found.items()}


@pytest.mark.parametrize("objective", [rce.objective(), sqil.objective()], ids=["rce", "sqil"])
def test_figures_of_classifiers_are_what_their_names_say(objective):
    learner, replay, found = diagnosed(objective)
    step, met, entropy = learner.look(replay, [np.random.default_rng(0)])
    chances = 1 / (1 + np.exp(-met.astype(np.float64)))
    assert found["critic_loss"] == pytest.approx(step.loss[0])
    assert found["mean_w"] == pytest.approx(step.future.mean())
    assert found["max_w"] == pytest.approx(step.future.max())
    assert found["residual"] == pytest.approx(np.abs(chances - step.target).mean(), rel=1e-5)
    assert found["twin_disagreement"] == pytest.approx(np.abs(met[0, 0] - met[0, 1]).mean(), rel=1e-5)
    assert found["entropy"] == pytest.approx(entropy[0])
    assert found["saturated"] == np.mean((chances < 1e-4) | (chances > 1 - 1e-4))
    for name, rows in (("odds_examples", learner.examples), ("odds_heldout", HELD_OUT)):
        logits = learner.values(rows[0][None], learner.act(rows[0][None], explore=False))[0].min(axis=0)
        assert found[name] == pytest.approx(np.exp(logits.mean()), rel=1e-5)


@pytest.mark.parametrize("objective", [sqil_squared.objective(), vice.objective()], ids=["sqil_squared", "vice"])
def test_critics_of_values_have_no_odds(objective):
    learner, replay, found = diagnosed(objective)
    step, met, _ = learner.look(replay, [np.random.default_rng(0)])
    assert all(np.isnan(found[name]) for name in OF_CLASSIFIERS)
    assert found["residual"] == pytest.approx(np.abs(met - step.target).mean(), rel=1e-5)
    assert all(np.isfinite(value) for name, value in found.items() if name not in OF_CLASSIFIERS)


def test_without_examples_held_out_their_odds_are_not_known():
    found = diagnosed(rce.objective(), held_out=[HELD_OUT[0][:0]])[2]
    assert np.isnan(found["odds_heldout"])
    assert found["odds_examples"] > 0


def test_saturated_classifiers_are_counted():
    replay = walked_replay([SEED])
    learner = make_learner(rce.objective(), seeds=(SEED,), replay=replay)
    learner.critics.flat[...] = 0
    learner.critics.biases[-1][:, 0], learner.critics.biases[-1][:, 1] = 9.3, 9.1
    found = diagnose(learner, replay, held_out=HELD_OUT, generators=[np.random.default_rng(0)])
    assert found["saturated"] == [0.5]
    assert found["twin_disagreement"] == pytest.approx([0.2], rel=1e-5)
    assert found["odds_examples"] == pytest.approx([np.exp(9.1)], rel=1e-4)
