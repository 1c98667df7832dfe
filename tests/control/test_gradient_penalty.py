import numpy as np
import pytest
import torch

from probatum.control.learning.gradient_penalty import penalty_gradient
from probatum.control.learning.mlp import MlpStack


def stack_of(members, widths):
    stack = MlpStack(widths, twins=1, generators=[np.random.default_rng(seed) for seed in range(members)])
    for bias in stack.biases:
        bias[...] = 0.3 * np.random.default_rng(7).normal(size=bias.shape)
    return stack


def by_torch(stack, rows, weight):
    """The penalty (S,) and its gradient (S, 1, parameters), by differentiating autograd's own gradient."""
    pairs = zip(stack.weights, stack.biases, strict=True)
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for pair in pairs for array in pair]
    entering = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    value = entering
    for layer in range(len(stack.weights)):
        value = value @ leaves[2 * layer] + leaves[2 * layer + 1]
        if layer + 1 < len(stack.weights):
            value = torch.relu(value)
    (slope,) = torch.autograd.grad(value.sum(), entering, create_graph=True)
    penalty = weight * ((slope.norm(dim=-1) - 1) ** 2).mean(dim=(1, 2))
    found = torch.autograd.grad(penalty.sum(), leaves, allow_unused=True)
    parts = [torch.zeros_like(leaf) if part is None else part for leaf, part in zip(leaves, found, strict=True)]
    members = len(stack.flat)
    return penalty.detach().numpy(), np.concatenate([part.numpy().reshape(members, 1, -1) for part in parts], axis=2)


@pytest.mark.parametrize("widths", [(4, 16, 12, 1), (3, 20, 1), (5, 9, 8, 7, 1), (2, 1)])
@pytest.mark.parametrize("members", [1, 3])
def test_penalty_and_gradient_are_those_of_double_backward(members, widths):
    stack = stack_of(members, widths)
    rows = np.random.default_rng(0).normal(size=(members, 1, 11, widths[0])).astype(np.float32)
    run = stack.run(11)
    run.forward(rows)
    found, gradient = penalty_gradient(run, weight=10.0)
    penalty, wanted = by_torch(stack, rows, 10.0)
    assert found == pytest.approx(penalty, rel=1e-4)
    assert gradient == pytest.approx(wanted, abs=1e-5 * np.abs(wanted).max())


def test_by_hand():
    """f(x) = 3 x0 + 4 x1 has a gradient of length 5: penalty 10 (5 - 1)^2 = 160, with slope 2 x 10 x 4 x (3, 4) / 5."""
    stack = stack_of(1, (2, 1))
    stack.weights[0][...] = np.array([[3], [4]])
    run = stack.run(3)
    run.forward(np.random.default_rng(0).normal(size=(1, 1, 3, 2)).astype(np.float32))
    penalty, gradient = penalty_gradient(run, weight=10.0)
    assert penalty == pytest.approx([160])
    assert gradient[0, 0] == pytest.approx([48, 64, 0])


def test_where_nothing_is_alive_the_penalty_is_its_weight_and_has_no_slope():
    stack = stack_of(1, (2, 4, 1))
    stack.biases[0][...] = -100
    run = stack.run(3)
    run.forward(np.zeros((1, 1, 3, 2), np.float32))
    penalty, gradient = penalty_gradient(run, weight=10.0)
    assert penalty == pytest.approx([10], rel=1e-5)
    assert not gradient.any()


def test_a_member_comes_out_as_alone():
    together, alone = stack_of(3, (4, 16, 1)), stack_of(1, (4, 16, 1))
    alone.flat[...] = together.flat[2:]
    rows = np.random.default_rng(0).normal(size=(3, 1, 8, 4)).astype(np.float32)
    found = []
    for stack, inputs in ((together, rows), (alone, rows[2:].copy())):
        run = stack.run(8)
        run.forward(inputs)
        found.append(penalty_gradient(run, weight=1.0)[1])
    assert (found[0][2] == found[1][0]).all()
