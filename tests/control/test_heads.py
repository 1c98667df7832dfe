import numpy as np
import pytest
import torch

from probatum.control.learning.head import Drawn
from probatum.control.learning.softmax_head import SoftmaxHead
from probatum.control.learning.squashed_gaussian import LEAST_DEVIATION, SquashedGaussian

MEMBERS, ROWS = 2, 7


def generators(members=MEMBERS):
    return [np.random.default_rng([seed, 1]) for seed in range(members)]


def outputs_of(width, scale=1.0):
    return (scale * np.random.default_rng(0).normal(size=(MEMBERS, ROWS, width))).astype(np.float32)


def in_torch(array, **options):
    return torch.tensor(np.asarray(array), dtype=torch.float64, **options)


def gaussian(outputs, actions):
    deviation = torch.nn.functional.softplus(outputs[..., actions:]) + LEAST_DEVIATION
    return torch.distributions.Normal(outputs[..., :actions], deviation)


@pytest.mark.parametrize("actions", [1, 3])
def test_squashed_actions_and_their_log_probability(actions):
    head = SquashedGaussian(actions)
    outputs = outputs_of(2 * actions)
    drawn = head.draw(outputs, generators())
    before = gaussian(in_torch(outputs), actions)
    reached = before.loc + before.scale * in_torch(drawn.noise)
    squashed = torch.distributions.TransformedDistribution(before, [torch.distributions.TanhTransform()])
    assert drawn.actions == pytest.approx(torch.tanh(reached).numpy(), abs=1e-6)
    assert drawn.log_probability.shape == (MEMBERS, ROWS)
    wanted = squashed.log_prob(torch.tanh(reached)).sum(dim=-1)
    assert drawn.log_probability == pytest.approx(wanted.numpy(), abs=1e-4)
    assert (drawn.actions.dtype, drawn.log_probability.dtype) == (np.float32, np.float32)
    assert (head.outputs, head.target_entropy) == (2 * actions, -actions)


def test_noise_of_a_member_is_that_of_its_generator():
    drawn = SquashedGaussian(3).draw(outputs_of(6), generators())
    for member, generator in enumerate(generators()):
        assert (drawn.noise[member] == generator.standard_normal((ROWS, 3), np.float32)).all()


def valuing(weight, curvature):
    """What is climbed, with a slope that depends on the action: weight . a - curvature |a|^2 / 2, row by row."""
    seen = []

    def value(actions):
        seen.append(actions)
        return (weight * actions).sum(axis=-1) - 0.5 * curvature * (actions * actions).sum(axis=-1)

    return value, lambda: weight - curvature * seen[-1]


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_uphill_of_the_squashed_gaussian_is_the_slope_of_the_mean_cost(scale):
    actions, curvature = 3, np.float32(0.7)
    head = SquashedGaussian(actions)
    outputs = outputs_of(2 * actions, scale)
    weight = np.random.default_rng(1).normal(size=(MEMBERS, ROWS, actions)).astype(np.float32)
    entropy = np.array([[0.3], [1e-4]], np.float32)
    drawn = head.draw(outputs, generators())
    value, slope = valuing(weight, curvature)
    found, said = head.uphill(outputs, drawn, entropy=entropy, value=value, slope=slope)

    leaf = in_torch(outputs, requires_grad=True)
    before = gaussian(leaf, actions)
    reached = before.loc + before.scale * in_torch(drawn.noise)
    acted = torch.tanh(reached)
    shrunk = 2 * (np.log(2) - reached - torch.nn.functional.softplus(-2 * reached))
    log_probability = (before.log_prob(reached) - shrunk).sum(dim=-1)
    climbed = (in_torch(weight) * acted).sum(dim=-1) - 0.5 * float(curvature) * (acted**2).sum(dim=-1)
    cost = (in_torch(entropy) * log_probability - climbed).mean(dim=1)
    cost.sum().backward()
    assert found == pytest.approx(leaf.grad.numpy(), abs=2e-6)
    assert said == pytest.approx(-log_probability.mean(dim=1).detach().numpy(), abs=1e-4)
    assert said.shape == (MEMBERS,)


def test_extreme_outputs_of_the_squashed_gaussian_stay_finite():
    head = SquashedGaussian(1)
    extremes = [-1e4, -80.0, 0.0, 80.0, 1e4]
    outputs = np.array([[[mean, raw] for mean in extremes for raw in extremes]], np.float32)
    drawn = head.draw(outputs, generators(1))
    value, slope = valuing(np.ones((1, 25, 1), np.float32), np.float32(1))
    found, said = head.uphill(outputs, drawn, entropy=np.ones((1, 1), np.float32), value=value, slope=slope)
    for array in (drawn.actions, drawn.log_probability, found, said):
        assert np.isfinite(array).all()
    assert np.abs(drawn.actions).max() <= 1


def test_the_log_probability_is_exact_where_tanh_rounds_to_one():
    """By hand: with mean u, raw = -1e4 (deviation 0.001) and noise n, log p = -n^2/2 - log 0.001 - log(2 pi)/2 - s,
    s = log(1 - tanh(v)^2) = log 4 - 2 v to many digits for v = u + 0.001 n above 12."""
    for mean in (12.0, 30.0):
        drawn = SquashedGaussian(1).draw(np.array([[[mean, -1e4]]], np.float32), generators(1))
        noise = float(drawn.noise[0, 0, 0])
        wanted = -(noise**2) / 2 - np.log(0.001) - np.log(2 * np.pi) / 2 - (np.log(4) - 2 * (mean + 0.001 * noise))
        assert drawn.log_probability[0, 0] == pytest.approx(wanted, rel=1e-5)
        assert drawn.actions[0, 0, 0] == 1


def test_choices_and_their_log_probability():
    head = SoftmaxHead(4)
    outputs = outputs_of(4)
    drawn = head.draw(outputs, generators())
    assert ((drawn.actions == 0) | (drawn.actions == 1)).all()
    assert (drawn.actions.sum(axis=-1) == 1).all()
    said = torch.distributions.OneHotCategorical(logits=in_torch(outputs)).log_prob(in_torch(drawn.actions))
    assert drawn.log_probability == pytest.approx(said.numpy(), abs=1e-5)
    assert (head.outputs, head.target_entropy) == (4, pytest.approx(0.5 * np.log(4)))
    assert drawn.actions.dtype == np.float32


def test_choices_are_drawn_by_their_chances():
    chances = np.array([0.1, 0.6, 0.3])
    outputs = np.broadcast_to(np.log(chances), (1, 20_000, 3)).astype(np.float32)
    drawn = SoftmaxHead(3).draw(outputs, generators(1))
    assert drawn.actions[0].mean(axis=0) == pytest.approx(chances, abs=0.02)


def test_uphill_of_the_softmax_is_the_slope_of_the_expected_cost():
    """The mean over rows of the expectation over all actions of entropy x log-probability - value."""
    choices = 4
    head = SoftmaxHead(choices)
    outputs = outputs_of(choices, 2.0)
    values = np.random.default_rng(1).normal(size=(MEMBERS, ROWS, choices)).astype(np.float32)
    entropy = np.array([[0.3], [1e-4]], np.float32)

    def value(actions):
        assert actions.shape == (MEMBERS, ROWS * choices, choices)
        return (np.repeat(values, choices, axis=1) * actions).sum(axis=-1)

    found, said = head.uphill(
        outputs, head.draw(outputs, generators()), entropy=entropy, value=value, slope=lambda: pytest.fail("no draw")
    )
    leaf = in_torch(outputs, requires_grad=True)
    logs = torch.log_softmax(leaf, dim=-1)
    cost = (logs.exp() * (in_torch(entropy)[..., None] * logs - in_torch(values))).sum(dim=-1).mean(dim=1)
    cost.sum().backward()
    assert found == pytest.approx(leaf.grad.numpy(), abs=1e-6)
    wanted = torch.distributions.Categorical(logits=leaf).entropy().mean(dim=1).detach().numpy()
    assert said == pytest.approx(wanted, abs=1e-6)


def test_extreme_logits_of_the_softmax_stay_finite():
    head = SoftmaxHead(3)
    outputs = np.array([[[1e4, 0, -1e4], [-1e4, -1e4, -1e4], [1e4, 1e4, 1e4], [0, 1e30, 0]]], np.float32)
    drawn = head.draw(outputs, generators(1))
    ones = np.ones((1, 1), np.float32)
    found, said = head.uphill(outputs, drawn, entropy=ones, value=lambda actions: actions[..., 0], slope=lambda: None)
    for array in (drawn.actions, drawn.log_probability, found, said):
        assert np.isfinite(array).all()
    assert (drawn.actions[0, 0] == [1, 0, 0]).all()
    assert (drawn.actions[0, 3] == [0, 1, 0]).all()


@pytest.mark.parametrize("head", [SquashedGaussian(2), SoftmaxHead(4)], ids=["squashed", "softmax"])
def test_a_member_comes_out_as_alone(head):
    outputs = outputs_of(4)
    together = head.draw(outputs, generators())
    alone = head.draw(outputs[1:].copy(), generators()[1:])
    for name in ("actions", "log_probability", "noise"):
        assert (getattr(together, name)[1] == getattr(alone, name)[0]).all()
    slopes = [
        head.uphill(
            rows,
            drawn,
            entropy=np.full((len(rows), 1), 0.1, np.float32),
            value=lambda actions: actions.sum(axis=-1),
            slope=lambda drawn=drawn: np.ones_like(drawn.actions),
        )
        for rows, drawn in ((outputs, together), (outputs[1:].copy(), alone))
    ]
    assert (slopes[0][0][1] == slopes[1][0][0]).all()
    assert slopes[0][1][1] == slopes[1][1][0]
    assert isinstance(together, Drawn)
