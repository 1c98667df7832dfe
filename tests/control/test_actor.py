import numpy as np
import pytest
from walking_policies import float32, plain, random_layers, random_policy, to_the_disc

from probatum.control.learning.actor import Actor, Critic
from probatum.errors import ProbatumError


def by_hand(layers, values):
    for weight, bias in layers[:-1]:
        values = np.maximum(values @ weight.astype(np.float64) + bias, 0)
    return values @ layers[-1][0].astype(np.float64) + layers[-1][1]


def normalised(network, observations):
    return np.clip((observations - network.mean.astype(np.float64)) / network.scale, -10, 10)


@pytest.fixture
def observations():
    return np.random.default_rng(5).normal(size=(6, 7)).astype(np.float32) * 20  # some beyond ten scales


def test_greedy_is_tanh_of_the_mean(observations):
    actor = random_policy().actor
    heads = by_hand(actor.weights, normalised(actor, observations))
    actions = actor.greedy(observations)
    assert actions.dtype == np.float32
    assert actions == pytest.approx(np.tanh(heads[:, :3]), abs=1e-5)
    assert (actor.observation, actor.action) == (7, 3)


def test_greedy_choice_is_one_hot_of_the_largest_logit(observations):
    actor = random_policy(action=4, discrete=True).actor
    heads = by_hand(actor.weights, normalised(actor, observations))
    assert (actor.greedy(observations) == np.eye(4, dtype=np.float32)[heads.argmax(axis=1)]).all()
    assert (actor.observation, actor.action) == (7, 4)


def test_samples_have_the_mean_and_the_deviation_of_the_head():
    raw = np.array([-3.0, 0.5])
    actor = Actor((float32(np.zeros((2, 4)), [0.3, -0.2, *raw]),), *plain(), False)
    drawn = np.arctanh(actor.sample(np.zeros((20_000, 2), np.float32), np.random.default_rng(0)).astype(np.float64))
    assert drawn.mean(axis=0) == pytest.approx([0.3, -0.2], abs=0.03)
    assert drawn.std(axis=0) == pytest.approx(np.log1p(np.exp(raw)) + 1e-3, rel=0.03)


def test_sampled_choices_follow_the_softmax():
    logits = np.log([0.1, 0.6, 0.3])
    actor = Actor((float32(np.zeros((2, 3)), logits),), *plain(), True)
    drawn = actor.sample(np.zeros((20_000, 2), np.float32), np.random.default_rng(0))
    assert drawn.dtype == np.float32
    assert (drawn.sum(axis=1) == 1).all()
    assert drawn.mean(axis=0) == pytest.approx([0.1, 0.6, 0.3], abs=0.02)


def test_huge_raw_deviations_stay_finite():
    actor = Actor((float32(np.zeros((2, 4)), [0, 0, 1e4, -1e4]),), *plain(), False)
    assert np.isfinite(actor.sample(np.zeros((5, 2), np.float32), np.random.default_rng(0))).all()


def test_a_seed_decides_the_samples(observations):
    for discrete in (False, True):
        actor = random_policy(discrete=discrete).actor
        first, second = (actor.sample(observations, np.random.default_rng(3)) for _ in range(2))
        assert (first == second).all()


def test_the_observations_are_not_touched(observations):
    policy, before = random_policy(), observations.copy()
    policy.critic.score(observations, policy.actor.sample(observations, np.random.default_rng(0)))
    assert (observations == before).all()


def test_logits_of_both_twins_and_their_minimum(observations):
    critic = random_policy().critic
    actions = np.random.default_rng(6).uniform(-1, 1, (6, 3)).astype(np.float32)
    seen = np.hstack([normalised(critic, observations), actions])
    twins = [by_hand([(w[twin], b[twin]) for w, b in critic.weights], seen)[:, 0] for twin in (0, 1)]
    assert critic.logits(observations, actions) == pytest.approx(np.array(twins), abs=1e-4)
    assert critic.score(observations, actions) == pytest.approx(np.min(twins, axis=0), abs=1e-4)
    assert critic.action == 3


def test_the_policy_by_hand_foresees_as_written():
    critic = to_the_disc().critic
    places = np.array([[0.6, 0.6], [0.1, 0.6]], np.float32)
    assert critic.logits(places, np.zeros((2, 2), np.float32)) == pytest.approx(np.array([[3, 0.5], [4, 1.5]]))


LAYERS = random_layers(np.random.default_rng(0), [4, 8, 6])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((), *plain(4), False), "no layers"),
        ((LAYERS[1:], *plain(4), False), r"layer 0 has a weight of shape \(8, 6\); \(4, 6\) would fit"),
        ((LAYERS[:1] * 2, *plain(4), False), "layer 1"),
        ((((LAYERS[0][0], LAYERS[0][1][:3]),), *plain(4), False), r"\(4, 3\) would fit"),
        ((((LAYERS[0][0], LAYERS[0][0]),), *plain(4), False), "with a bias"),
        ((LAYERS, np.zeros(4, np.float32), np.zeros(4, np.float32), False), "scale above 0"),
        ((LAYERS, *plain(4)[:1], np.ones(3, np.float32), False), "one mean and one scale"),
        ((LAYERS, np.zeros(4), np.ones(4, np.float32), False), "holds float64; finite float32"),
        ((LAYERS, np.full(4, np.nan, np.float32), np.ones(4, np.float32), False), "NaN"),
        ((random_layers(np.random.default_rng(0), [4, 5]), *plain(4), False), "5 outputs"),
    ],
)
def test_misfits_are_refused_in_words(arguments, message):
    with pytest.raises(ProbatumError, match=message):
        Actor(*arguments)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((), "no layers"),
        (random_layers(np.random.default_rng(0), [4, 8, 1]), "with a bias"),
        (random_layers(np.random.default_rng(0), [4, 8, 1], 2), "an action and 1 output"),
        (random_layers(np.random.default_rng(0), [6, 8, 2], 2), "an action and 1 output"),
        (((np.zeros((2, 6, 1), np.float32), np.zeros((3, 1), np.float32)),), "with a bias"),
    ],
)
def test_misfits_of_a_critic_are_refused_in_words(layers, message):
    with pytest.raises(ProbatumError, match=message):
        Critic(layers, *plain(4))
