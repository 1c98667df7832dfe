import numpy as np
import pytest
import torch

from probatum.control.learning.mlp import MlpStack, views

WIDTHS = (5, 8, 7, 3)


def generators(members):
    return [np.random.default_rng([seed, 1]) for seed in range(members)]


def stack_of(members, twins, widths=WIDTHS):
    stack = MlpStack(widths, twins=twins, generators=generators(members))
    for bias in stack.biases:  # they begin at zero, where a mistake would not show
        bias[...] = np.random.default_rng(7).normal(size=bias.shape)
    return stack


def by_torch(stack, inputs):
    """The same perceptrons in float64, with the leaves by which autograd can be asked."""
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in _parameters(stack)]
    entering = torch.tensor(inputs, dtype=torch.float64, requires_grad=True)
    value, last = entering, len(stack.weights) - 1
    for layer in range(last + 1):
        value = value @ leaves[2 * layer] + leaves[2 * layer + 1]
        if layer < last:
            value = torch.relu(value)
    return value, entering, leaves


def _parameters(stack):
    return [array for pair in zip(stack.weights, stack.biases, strict=True) for array in pair]


def flat(leaves, shape):
    members, twins, _ = shape
    return np.concatenate([leaf.grad.numpy().reshape(members, twins, -1) for leaf in leaves], axis=2)


@pytest.mark.parametrize(("members", "twins", "entering"), [(1, 1, 1), (1, 2, 1), (3, 2, 1), (2, 2, 2)])
def test_forward_and_backward_are_those_of_autograd(members, twins, entering):
    generator = np.random.default_rng(0)
    stack = stack_of(members, twins)
    inputs = generator.normal(size=(members, entering, 6, 5)).astype(np.float32)
    slope = generator.normal(size=(members, twins, 6, 3)).astype(np.float32)
    run = stack.run(6)
    wanted, seen, leaves = by_torch(stack, inputs)
    assert run.forward(inputs) == pytest.approx(wanted.detach().numpy(), abs=1e-5)
    wanted.backward(torch.tensor(slope, dtype=torch.float64))
    assert run.backward(slope) == pytest.approx(flat(leaves, stack.flat.shape), abs=1e-5)
    at_inputs = run.input_slope(slope, columns=slice(2, 5))
    assert at_inputs.shape == (members, twins, 6, 3)
    shared = at_inputs if entering == twins else at_inputs.sum(axis=1, keepdims=True)
    assert shared == pytest.approx(seen.grad.numpy()[..., 2:5], abs=1e-5)


def test_one_output_takes_the_way_without_a_matrix_product():
    generator = np.random.default_rng(1)
    stack = stack_of(2, 2, widths=(4, 6, 5, 1))
    inputs = generator.normal(size=(2, 1, 9, 4)).astype(np.float32)
    slope = generator.normal(size=(2, 2, 9, 1)).astype(np.float32)
    run = stack.run(9)
    run.forward(inputs)
    value, seen, leaves = by_torch(stack, inputs)
    value.backward(torch.tensor(slope, dtype=torch.float64))
    assert run.backward(slope) == pytest.approx(flat(leaves, stack.flat.shape), abs=1e-5)
    found = run.input_slope(slope, columns=slice(None)).sum(axis=1, keepdims=True)
    assert found == pytest.approx(seen.grad.numpy(), abs=1e-5)


def test_backward_of_the_first_rows_takes_no_notice_of_the_others():
    generator = np.random.default_rng(2)
    stack = stack_of(2, 1)
    inputs = generator.normal(size=(2, 1, 10, 5)).astype(np.float32)
    slope = generator.normal(size=(2, 1, 4, 3)).astype(np.float32)
    run = stack.run(10)
    run.forward(inputs)
    value, _, leaves = by_torch(stack, inputs)
    value[:, :, :4].backward(torch.tensor(slope, dtype=torch.float64))
    assert run.backward(slope, rows=4) == pytest.approx(flat(leaves, stack.flat.shape), abs=1e-5)


def test_a_run_is_used_again_and_sees_moved_weights():
    generator = np.random.default_rng(3)
    stack = stack_of(1, 2)
    run = stack.run(5)
    for _ in range(3):
        inputs = generator.normal(size=(1, 1, 5, 5)).astype(np.float32)
        slope = generator.normal(size=(1, 2, 5, 3)).astype(np.float32)
        value, _, leaves = by_torch(stack, inputs)
        assert run.forward(inputs) == pytest.approx(value.detach().numpy(), abs=1e-5)
        value.backward(torch.tensor(slope, dtype=torch.float64))
        gradient = run.backward(slope)
        assert gradient == pytest.approx(flat(leaves, stack.flat.shape), abs=1e-5)
        stack.flat -= np.float32(0.1) * gradient


def test_no_hidden_layer_is_a_linear_map():
    stack = stack_of(1, 1, widths=(3, 2))
    inputs = np.arange(12, dtype=np.float32).reshape(1, 1, 4, 3)
    run = stack.run(4)
    assert run.forward(inputs)[0, 0] == pytest.approx(inputs[0, 0] @ stack.weights[0][0, 0] + stack.biases[0][0, 0])
    gradient = run.backward(np.ones((1, 1, 4, 2), np.float32))
    assert gradient[0, 0] == pytest.approx([18, 18, 22, 22, 26, 26, 4, 4])


def test_weights_and_biases_are_views_of_one_array():
    stack = MlpStack(WIDTHS, twins=2, generators=generators(3))
    assert stack.flat.shape == (3, 2, (5 + 1) * 8 + (8 + 1) * 7 + (7 + 1) * 3)
    assert all(np.shares_memory(array, stack.flat) for array in _parameters(stack))
    written = np.concatenate([array.reshape(3, 2, -1) for array in _parameters(stack)], axis=2)
    assert (written == stack.flat).all()
    weights, biases = views(stack.flat, WIDTHS)
    assert [weight.shape for weight in weights] == [(3, 2, 5, 8), (3, 2, 8, 7), (3, 2, 7, 3)]
    assert [bias.shape for bias in biases] == [(3, 2, 1, 8), (3, 2, 1, 7), (3, 2, 1, 3)]


def test_first_weights_lie_within_glorots_limit_and_biases_are_zero():
    stack = MlpStack((50, 70, 1), twins=2, generators=generators(1))
    for weight, (wide, out) in zip(stack.weights, ((50, 70), (70, 1)), strict=True):
        limit = np.sqrt(6 / (wide + out))
        assert np.abs(weight).max() <= limit
        assert np.abs(weight).max() > 0.9 * limit
        assert weight.std() == pytest.approx(limit / np.sqrt(3), rel=0.2)
    assert not any(bias.any() for bias in stack.biases)
    assert (stack.weights[0][0, 0] != stack.weights[0][0, 1]).all()  # twins that began alike would stay alike


def test_a_member_begins_as_it_would_alone():
    together = MlpStack(WIDTHS, twins=2, generators=generators(3))
    alone = MlpStack(WIDTHS, twins=2, generators=generators(3)[2:])
    assert (together.flat[2] == alone.flat[0]).all()
    assert (together.flat[2] != together.flat[1]).any()


@pytest.mark.parametrize("rows", [1, 5, 64])
def test_a_member_computes_the_same_bytes_as_alone(rows):
    generator = np.random.default_rng(4)
    together = stack_of(3, 2, widths=(5, 64, 33, 1))
    alone = stack_of(1, 2, widths=(5, 64, 33, 1))
    alone.flat[...] = together.flat[1:2]
    inputs = generator.normal(size=(3, 1, rows, 5)).astype(np.float32)
    slope = generator.normal(size=(3, 2, rows, 1)).astype(np.float32)
    several, single = together.run(rows), alone.run(rows)
    assert (several.forward(inputs)[1] == single.forward(inputs[1:2].copy())[0]).all()
    assert (several.backward(slope)[1] == single.backward(slope[1:2].copy())[0]).all()
    columns = slice(3, None)
    assert (several.input_slope(slope, columns=columns)[1] == single.input_slope(slope[1:2], columns=columns)[0]).all()
