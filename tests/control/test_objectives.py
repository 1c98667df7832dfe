import numpy as np
import pytest
import torch
from told_by_targets import logit, told
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from probatum.control.objectives.learned_rewards import dac_reward, frozen, oril_reward, purl_reward, vice_reward
from probatum.control.objectives.recursive_classification import RecursiveClassification
from probatum.control.objectives.soft_actor_critic import SoftActorCritic
from probatum.control.objectives.soft_q_imitation import SoftQImitation
from probatum.control.objectives.squared_imitation import SquaredImitation
from probatum.errors import ProbatumError

ONE_STEP = RecursiveClassification(n_step=1)
DISCOUNT = 0.9
B, E = 6, 4  # transitions and examples in a batch
GENERATOR = np.random.default_rng(0)
OUTPUTS = GENERATOR.normal(size=(2, 2, B + E)).astype(np.float32)
NEXT, LATER = GENERATOR.normal(size=(2, 2, 2, B)).astype(np.float32)
AT_EXAMPLES = GENERATOR.normal(size=(2, 2, E)).astype(np.float32)
REWARDS, COST = GENERATOR.normal(size=(2, 2, B)).astype(np.float32)
COST_EXAMPLES = GENERATOR.normal(size=(2, E)).astype(np.float32)
TERMINAL, TERMINAL_LATER = GENERATOR.random((2, 2, B)) < 0.4
AHEAD = GENERATOR.integers(1, 10, (2, B))
BOOTSTRAP = told(
    NEXT, LATER, examples=AT_EXAMPLES, entropy_cost=COST, entropy_cost_examples=COST_EXAMPLES, rewards=REWARDS,
    discount=DISCOUNT, terminal=TERMINAL, terminal_later=TERMINAL_LATER, ahead=AHEAD,
)  # fmt: skip


def tensor(array):
    return torch.tensor(np.asarray(array), dtype=torch.float64)


def sigmoid(value):
    return 1 / (1 + np.exp(-np.asarray(value, np.float64)))


# Losses as the docstrings state them, (S, T), written with torch in float64.


def recursive(outputs, w):
    """(1 - g) CE(C(s*, a*), 1) + (1 + g w) CE(C(s, a), g w / (1 + g w)), means over examples and transitions."""
    odds = DISCOUNT * tensor(w)[:, None].expand(-1, 2, -1)
    met = binary_cross_entropy_with_logits(outputs[..., :B], odds / (1 + odds), reduction="none")
    return ((1 + odds) * met).mean(dim=-1) + (1 - DISCOUNT) * softplus(-outputs[..., B:]).mean(dim=-1)


def by_probabilities(near, far, faded):
    """w as the reference code has it: w = C / (1 - C), C the mean of the next C and of the faded later C."""
    chance = 0.5 * (sigmoid(near) * ~TERMINAL[:, None] + faded * sigmoid(far) * ~TERMINAL_LATER[:, None])
    return (chance / (1 - chance)).min(axis=1)


def wanted_of(objective):
    """The loss of each twin, in float64, by the formula of the objective's docstring."""
    outputs = tensor(OUTPUTS).requires_grad_()
    if isinstance(objective, RecursiveClassification):
        exponent = objective.n_step + 1 if objective.reference else AHEAD[:, None] - 1
        faded = DISCOUNT**exponent
        if objective.mixing == "odds":
            parts = np.exp(NEXT) * ~TERMINAL[:, None] + faded * np.exp(LATER) * ~TERMINAL_LATER[:, None]
            return outputs, recursive(outputs, 0.5 * parts.min(axis=1))
        return outputs, recursive(outputs, by_probabilities(NEXT, LATER, faded))
    if isinstance(objective, SoftQImitation):
        labels = np.ones((2, 2, B + E))
        labels[..., :B] = (DISCOUNT * sigmoid(NEXT).min(axis=1) * ~TERMINAL)[:, None]
        loss = binary_cross_entropy_with_logits(outputs, tensor(labels), reduction="none")
        return outputs, loss.mean(dim=-1)
    future = DISCOUNT * (NEXT.min(axis=1) - COST) * ~TERMINAL
    if isinstance(objective, SquaredImitation):
        labels = np.concatenate([future, 1 + DISCOUNT * (AT_EXAMPLES.min(axis=1) - COST_EXAMPLES)], axis=1)
    else:
        outputs = tensor(OUTPUTS[..., :B]).requires_grad_()
        labels = REWARDS + future
    return outputs, ((outputs - tensor(labels)[:, None]) ** 2).mean(dim=-1)


EVERY = {
    "rce, 1 step": ONE_STEP,
    "rce, 10 steps": RecursiveClassification(),
    "rce, 10 steps, odds": RecursiveClassification(mixing="odds"),
    "rce, the reference's window": RecursiveClassification(window="reference"),
    "sqil": SoftQImitation(),
    "sqil_squared": SquaredImitation(),
    "soft actor-critic": SoftActorCritic("sparse_reward", None),
}


@pytest.mark.parametrize("objective", EVERY.values(), ids=EVERY)
def test_loss_and_slope_are_those_of_the_formula(objective):
    """The loss is the mean of the twins'; each twin goes down its own."""
    bootstrap = BOOTSTRAP
    if objective is ONE_STEP:
        bootstrap = told(NEXT, discount=DISCOUNT, terminal=TERMINAL, terminal_later=TERMINAL)
        outputs = tensor(OUTPUTS).requires_grad_()
        loss = recursive(outputs, (sigmoid(NEXT) / (1 - sigmoid(NEXT))).min(axis=1) * ~TERMINAL)
    else:
        outputs, loss = wanted_of(objective)
    step = objective.critic(outputs.detach().numpy().astype(np.float32), bootstrap)
    loss.sum().backward()
    assert step.loss == pytest.approx(loss.mean(dim=1).detach().numpy(), rel=1e-5)
    assert step.slope == pytest.approx(outputs.grad.numpy(), abs=1e-6)
    assert step.slope.dtype == np.float32


@pytest.mark.parametrize("objective", EVERY.values(), ids=EVERY)
def test_the_target_is_where_the_slope_ends(objective):
    """Critics that say what `target` asks for (C by logits, or values) have no slope left on transitions."""
    step = objective.critic(OUTPUTS if objective.with_examples else OUTPUTS[..., :B], BOOTSTRAP)
    reached = OUTPUTS.copy() if objective.with_examples else OUTPUTS[..., :B].copy()
    target = np.broadcast_to(step.target, (2, 2, B))
    reached[..., :B] = logit(np.maximum(target, 1e-30)) if objective.logits else target
    assert objective.critic(reached, BOOTSTRAP).slope[..., :B] == pytest.approx(np.zeros((2, 2, B)), abs=1e-6)


def test_recursive_classification_by_hand():
    """One transition and one example, discount 1/2, both twins alike.

    Next C 3/4: w = 3, g w = 3/2. At C = 1/4 the transition costs -3/2 log(1/4) - log(3/4), the example with C = 1/2
    costs (1 - 1/2) x -log(1/2). Slopes by the logit: C - g w (1 - C) = 1/4 - 3/2 x 3/4 = -7/8; 1/2 x (1/2 - 1) = -1/4.
    """
    outputs = np.full((1, 2, 2), logit([1 / 4, 1 / 2]), np.float32)
    step = ONE_STEP.critic(outputs, told(np.full((1, 2, 1), logit(3 / 4)), discount=0.5))
    assert step.loss == pytest.approx([1.5 * np.log(4) + np.log(4 / 3) + 0.5 * np.log(2)])
    assert step.slope == pytest.approx(np.broadcast_to([-7 / 8, -1 / 4], (1, 2, 2)))
    assert step.target == pytest.approx(np.full((1, 1, 1), 3 / 5))  # (3/2) / (1 + 3/2)
    assert step.future == pytest.approx(np.full((1, 1), 3))


def test_the_window_of_recursive_classification_by_hand():
    """Next C 1/2, C two steps on 3/4, discount 1/2, which fades one step: the mean is (1/2 + 1/2 x 3/4) / 2 = 7/16,
    w = 7/9. By odds: (1 + 1/2 x 3) / 2 = 5/4. The reference's 3 frames: (1/2 + 1/8 x 3/4) / 2 = 19/64, w = 19/45."""
    near, far = np.full((1, 2, 1), logit(1 / 2)), np.full((1, 2, 1), logit(3 / 4))
    said = told(near, far, ahead=np.full((1, 1), 2), discount=0.5)
    assert RecursiveClassification(n_step=2).odds(said) == pytest.approx(np.full((1, 1), 7 / 9))
    assert RecursiveClassification(n_step=2, mixing="odds").odds(said) == pytest.approx(np.full((1, 1), 5 / 4))
    reference = RecursiveClassification(n_step=3, window="reference")
    assert reference.odds(said) == pytest.approx(np.full((1, 1), 19 / 45))
    assert (reference.n_step, reference.cross_episodes) == (2, True)


def test_imitation_by_classifiers_by_hand():
    """One transition and one example, unit weights, discount 1/2; next C 1/2 and 3/4 by the twins.

    The label is 1/2 x 1/2 = 1/4. At C = 1/2 a transition costs log 2 whatever its label, with slope 1/2 - 1/4; the
    example with C = 1/4 costs log 4, with slope 1/4 - 1. Means over the two rows.
    """
    outputs = np.full((1, 2, 2), logit([1 / 2, 1 / 4]), np.float32)
    near = logit(np.array([1 / 2, 3 / 4])).reshape(1, 2, 1)
    step = SoftQImitation().critic(outputs, told(near, discount=0.5))
    assert step.loss == pytest.approx([(np.log(2) + np.log(4)) / 2])
    assert step.slope == pytest.approx(np.broadcast_to([1 / 8, -3 / 8], (1, 2, 2)))
    assert step.target == pytest.approx(np.full((1, 1, 1), 1 / 4))


def test_imitation_by_squares_by_hand():
    """One transition, one example, discount 1/2. Next values 3 and 5, cost of entropy 1: 1/2 x (3 - 1) = 1.
    The example's own values 2 and 7, cost 4: 1 + 1/2 x (2 - 4) = 0. Values 4 and 1: errors 3 and 1, (9 + 1) / 2."""
    said = told(
        np.array([[[3], [5]]]),
        examples=np.array([[[2], [7]]], np.float32),
        entropy_cost=np.ones((1, 1), np.float32),
        entropy_cost_examples=np.full((1, 1), 4, np.float32),
        discount=0.5,
    )
    step = SquaredImitation().critic(np.full((1, 2, 2), [4, 1], np.float32), said)
    assert step.loss == pytest.approx([5])
    assert step.slope == pytest.approx(np.broadcast_to([3, 1], (1, 2, 2)))
    assert step.target == pytest.approx(np.ones((1, 1, 1)))


def test_soft_actor_critic_by_hand():
    """Two transitions, discount 1/2. Next values 3 and 5, cost 1, reward 10: 10 + 1/2 x (3 - 1) = 11; the second is
    terminal: its reward 7. Values 8 and 6: errors -3 and -1, (9 + 1) / 2."""
    said = told(
        np.array([[[3, 9], [5, 9]]]),
        entropy_cost=np.ones((1, 2), np.float32),
        rewards=np.array([[10, 7]], np.float32),
        terminal=np.array([[False, True]]),
        discount=0.5,
    )
    step = SoftActorCritic("vice", vice_reward()).critic(np.full((1, 2, 2), [8, 6], np.float32), said)
    assert step.loss == pytest.approx([5])
    assert step.slope == pytest.approx(np.broadcast_to([-3, -1], (1, 2, 2)))
    assert step.target == pytest.approx(np.array([[[11, 7]]]))


@pytest.mark.parametrize("name", ["rce, 10 steps", "rce, 10 steps, odds"])
def test_a_window_that_ends_at_the_next_state_is_one_step(name):
    """Both halves of the mean are then the same state."""
    objective = EVERY[name]
    said = told(NEXT, discount=DISCOUNT, terminal=TERMINAL, terminal_later=TERMINAL)
    assert objective.odds(said) == pytest.approx(ONE_STEP.odds(said), rel=1e-6)
    assert ONE_STEP.odds(said) == pytest.approx(np.exp(NEXT).min(axis=1) * ~TERMINAL, rel=1e-5)


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith("rce")])
def test_no_value_lies_behind_terminal_states(name):
    """Both ends terminal: w = 0. One end terminal: what that end says makes no difference."""
    objective, all_of_them = EVERY[name], np.ones((2, B), np.bool_)
    assert not objective.odds(told(NEXT, LATER, ahead=AHEAD, terminal=all_of_them, terminal_later=all_of_them)).any()
    for here, there in ((True, False), (False, True)):
        flags = {"terminal": all_of_them & here, "terminal_later": all_of_them & there, "ahead": AHEAD}
        plain = objective.odds(told(NEXT, LATER, **flags))
        other = objective.odds(told(NEXT + 3 * here, LATER - 2 * there, **flags))
        assert (plain == other).all()
        assert (plain > 0).all()


@pytest.mark.parametrize("objective", [SoftQImitation(), SquaredImitation(), SoftActorCritic("vice", vice_reward())])
def test_terminal_transitions_take_nothing_over(objective):
    outputs = OUTPUTS if objective.with_examples else OUTPUTS[..., :B]
    flags = {"terminal": np.ones((2, B), np.bool_), "examples": AT_EXAMPLES, "rewards": REWARDS}
    step = objective.critic(outputs, told(NEXT, entropy_cost=COST, entropy_cost_examples=COST_EXAMPLES, **flags))
    alone = np.zeros((2, B)) if objective.with_examples else REWARDS
    assert step.target[:, 0] == pytest.approx(alone)
    assert not step.future.any()


EXTREMES = np.array([-1e4, -100, -30, -10, 0, 10, 30, 100, 1e4], np.float32)


@pytest.mark.parametrize("objective", EVERY.values(), ids=EVERY)
def test_extreme_outputs_stay_finite(objective):
    near, far, said = (axis.reshape(1, 1, -1) for axis in np.meshgrid(EXTREMES, EXTREMES, EXTREMES))
    count = near.shape[-1]
    ones = np.ones((1, count), np.int64)
    shown = np.broadcast_to(EXTREMES, (1, 2, len(EXTREMES)))
    outputs = np.concatenate([np.repeat(said, 2, axis=1), shown[..., : 9 * objective.with_examples]], axis=2)
    for ahead in (1, 10):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            step = objective.critic(
                outputs,
                told(
                    np.repeat(near, 2, axis=1),
                    np.repeat(far, 2, axis=1),
                    ahead=ahead * ones,
                    examples=shown,
                    entropy_cost_examples=np.zeros((1, 9), np.float32),
                ),
            )
        for array in (step.slope, step.loss, step.target, step.future):
            assert np.isfinite(array).all()
            assert array.dtype == np.float32
        assert (step.loss >= 0).all()


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith("rce")])
def test_odds_rise_with_what_the_targets_say(name):
    objective = EVERY[name]
    rising = np.broadcast_to(EXTREMES, (1, 2, len(EXTREMES)))
    ahead = np.full((1, len(EXTREMES)), 10)
    odds = objective.odds(told(rising, rising, ahead=ahead))[0]
    assert (np.diff(odds) >= 0).all()
    inside = np.abs(EXTREMES) < 30
    assert (np.diff(odds[inside]) > 0).all()
    fixed = np.zeros_like(rising)
    assert (np.diff(objective.odds(told(rising, fixed, ahead=ahead))[0]) >= 0).all()
    assert (np.diff(objective.odds(told(fixed, rising, ahead=ahead))[0]) >= 0).all()


@pytest.mark.parametrize("wanted", [5.0, 12.0, 18.0, 25.0])
def test_the_slope_is_exact_where_odds_are_large(wanted):
    """A logit short of a large target is drawn up by C - g w (1 - C), though C rounds to one in float32."""
    near = np.full((1, 2, 5), wanted, np.float32)
    met = (wanted + np.array([-3, -1, -0.1, 1, 3], np.float32)).astype(np.float32)
    outputs = np.concatenate([np.broadcast_to(met, (1, 2, 5)), np.zeros((1, 2, 1), np.float32)], axis=2)
    step = ONE_STEP.critic(outputs, told(near))
    exact = sigmoid(met) - 0.99 * np.exp(wanted) * sigmoid(-met.astype(np.float64))
    assert step.slope[0, 0, :5] * 5 == pytest.approx(exact, rel=1e-4)
    loss = np.logaddexp(0, met.astype(np.float64)) + 0.99 * np.exp(wanted) * np.logaddexp(0, -met.astype(np.float64))
    assert step.loss == pytest.approx([loss.mean() + 0.01 * np.log(2)], rel=1e-4)


def test_examples_are_drawn_up_however_sure_the_classifier_is():
    outputs = np.array([[[0, 40], [0, 40]]], np.float32)
    slope = ONE_STEP.critic(outputs, told(np.zeros((1, 2, 1)))).slope[0, :, 1]
    assert slope == pytest.approx(np.full(2, -0.01 * np.exp(-40)), rel=1e-4, abs=0)


CLIMBING = {
    "the smaller C": (RecursiveClassification(), lambda values: torch.sigmoid(values.min(dim=1).values)),
    "the smaller logit": (RecursiveClassification(climb="logit"), lambda values: values.min(dim=1).values),
    "sqil": (SoftQImitation(), lambda values: torch.sigmoid(values.min(dim=1).values)),
    "sqil_squared": (SquaredImitation(), lambda values: values.min(dim=1).values),
    "soft actor-critic": (SoftActorCritic("dac", dac_reward()), lambda values: values.min(dim=1).values),
}


@pytest.mark.parametrize(("objective", "formula"), CLIMBING.values(), ids=CLIMBING)
def test_what_the_actor_climbs(objective, formula):
    values = tensor(OUTPUTS).requires_grad_()
    wanted = formula(values)
    wanted.sum().backward()
    climbed, slope = objective.climbed(OUTPUTS)
    assert climbed == pytest.approx(wanted.detach().numpy(), abs=1e-6)
    assert slope == pytest.approx(values.grad.numpy(), abs=1e-6)
    ends = np.broadcast_to(EXTREMES, (1, 2, 9))
    assert all(np.isfinite(array).all() for array in objective.climbed(ends))


def test_twins_that_agree_are_climbed_once():
    climbed, slope = SquaredImitation().climbed(np.ones((1, 2, 3), np.float32))
    assert (climbed == 1).all()
    assert slope.sum(axis=1) == pytest.approx(np.ones((1, 3)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_step": 0}, "n_step=0"),
        ({"n_step": 2, "window": "reference"}, "3 or more"),
        ({"window": "long"}, "'long' is none of true, reference"),
        ({"mixing": "both"}, "probability, odds"),
        ({"climb": "odds"}, "probability, logit"),
        ({"example_actions": "none"}, "policy, greedy, uniform"),
    ],
)
def test_settings_of_rce_are_refused_in_words(options, message):
    with pytest.raises(ProbatumError, match=message):
        RecursiveClassification(**options)


def test_the_rewards_are_what_their_papers_say():
    logits = np.array([[-30, -1, 0, 2, 30]], np.float32)
    assert vice_reward().reward(logits) == pytest.approx(np.array([[-10, -1, 0, 2, 10]]))
    assert vice_reward(clip=1.5).reward(logits) == pytest.approx(np.array([[-1.5, -1, 0, 1.5, 1.5]]))
    assert purl_reward(clip=5).reward(logits) == pytest.approx(np.array([[-5, -1, 0, 2, 5]]))
    assert oril_reward().reward(logits) == pytest.approx(sigmoid(logits), rel=1e-6)
    assert dac_reward().reward(logits)[:, :4] == pytest.approx(-np.log1p(-sigmoid(logits[:, :4])), rel=1e-5)
    assert dac_reward().reward(logits)[0, 4] == pytest.approx(30)
    for reward in (vice_reward(), purl_reward(), oril_reward(), dac_reward()):
        assert np.isfinite(reward.reward(np.array([[-1e4, 1e4]], np.float32))).all()


def test_penalties_and_risks_of_the_rewards():
    assert [make().gradient_penalty for make in (vice_reward, dac_reward, purl_reward, oril_reward)] == [0, 10, 0, 1]
    shown, met = np.full((1, 3), 9, np.float32), np.full((1, 4), -9, np.float32)  # a bracket below 0
    assert purl_reward().risk(shown, met)[0] > 0 > oril_reward().risk(shown, met)[0]
    assert (vice_reward().risk(shown, met)[0] == dac_reward().risk(shown, met)[0]).all()
    assert frozen(dac_reward(), updates=7).frozen_after == 7
    assert dac_reward().frozen_after is None
    for bad in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(ProbatumError, match="prior="):
            purl_reward(prior=bad)
        with pytest.raises(ProbatumError, match="prior="):
            oril_reward(prior=bad)
    with pytest.raises(ProbatumError, match="reward_updates=0"):
        frozen(dac_reward(), updates=0)
