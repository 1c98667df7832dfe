import warnings

import numpy as np
import pytest

from probatum.errors import ProbatumError
from probatum.networks.from_arrays import graph_from_arrays
from probatum.networks.from_sklearn import graph_from_sklearn


def weights(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def only(graph, target):
    (block,) = [block for block in graph.blocks if block.target == target]
    return block


def test_a_chain_of_matrices_in_both_layouts():
    first, second = weights(5, 3), weights(2, 5, seed=1)
    torch = graph_from_arrays({"0.weight": first, "0.bias": np.ones(5), "2.weight": second})
    keras = graph_from_arrays({"a": first.T, "b": np.ones(5), "c": second.T}, layout="keras")
    assert [(layer.name, layer.units, layer.kind) for layer in torch.layers] == [
        ("input", 3, "input"),
        ("0", 5, "dense"),
        ("2", 2, "dense"),
    ]
    for graph in (torch, keras):
        assert np.array_equal(graph.blocks[0].weights, np.abs(first).T)
        assert np.array_equal(graph.blocks[1].weights, np.abs(second).T)
    assert any("'0.bias' (5,) is left out" in note for note in torch.notes)
    assert (torch.blocks[1].fan_in, torch.blocks[1].fan_out, torch.blocks[1].area) == (5, 2, 1)


@pytest.mark.parametrize(("norm", "size"), [("l1", np.abs), ("l2", np.square)])
def test_kernels_and_flattened_positions_are_measured_by_their_norm(norm, size):
    kernel, dense = weights(4, 3, 3, 3), weights(6, 4 * 10, seed=1)
    graph = graph_from_arrays({"conv.weight": kernel, "fc.weight": dense}, kernel_norm=norm)
    root = np.sqrt if norm == "l2" else np.asarray
    assert np.allclose(only(graph, "conv").weights, root(size(kernel).sum((2, 3))).T, rtol=1e-5)
    assert np.allclose(only(graph, "fc").weights, root(size(dense).reshape(6, 4, 10).sum(2)).T, rtol=1e-5)
    assert (only(graph, "conv").area, only(graph, "fc").area) == (9, 10)
    assert (only(graph, "conv").fan_in, only(graph, "conv").fan_out) == (27, 36)
    assert graph.layer("conv").weights.shape == (4, 3, 3, 3)


def test_keras_flattens_with_channels_last():
    kernel, dense = weights(3, 3, 2, 4), weights(5 * 4, 6, seed=1)
    graph = graph_from_arrays({"conv/kernel": kernel, "fc/kernel": dense}, layout="keras")
    assert np.allclose(graph.blocks[0].weights, np.abs(kernel).sum((0, 1)), rtol=1e-5)
    assert np.allclose(graph.blocks[1].weights, np.abs(dense).reshape(5, 4, 6).sum(0), rtol=1e-5)


def test_batch_norm_is_folded_before_the_size_is_taken():
    kernel, gain, variance = weights(4, 3, 1, 1), np.array([1, -2, 0, 0.5], np.float32), np.array([1, 4, 1, 0.25])
    arrays = {
        "c.weight": kernel,
        "n.weight": gain,
        "n.bias": np.ones(4),
        "n.running_mean": np.ones(4),
        "n.running_var": variance,
        "n.num_batches_tracked": np.array(7),
        "d.weight": weights(2, 4),
    }
    graph = graph_from_arrays(arrays)
    expected = np.abs(kernel[:, :, 0, 0] * (gain / np.sqrt(variance + 1e-5))[:, None]).T
    assert np.allclose(graph.blocks[0].weights, expected, rtol=1e-5)
    assert graph.blocks[0].weights[0, 2] == 0
    assert np.array_equal(graph.layer("c").weights, kernel)  # as trained


def test_a_depthwise_convolution_has_one_edge_for_each_unit():
    graph = graph_from_arrays({"a.weight": weights(4, 3, 1, 1), "b.weight": weights(8, 1, 3, 3)})
    block = only(graph, "b")
    assert block.weights.nnz == 8
    assert block.weights.toarray()[1, 2:4] == pytest.approx(np.abs(weights(8, 1, 3, 3))[2:4].sum((1, 2, 3)), rel=1e-5)
    assert graph.layer("b").groups == 4
    assert (block.fan_in, block.fan_out) == (9, 18)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": weights(4, 3), "b": weights(2, 5)}, "'b' reads 5 inputs, but before it stands 'a' with 4 units"),
        ({"a": weights(8, 4, 1, 1), "b": weights(8, 4, 3, 3)}, "'b' reads 4 inputs, but before it stands 'a'"),
        ({"bias": np.ones(3)}, "no weight tensor"),
        ({}, "no weight tensor .* among nothing"),
        ({"a": weights(0, 3)}, "'a' has shape"),
        ({"a": weights(4, 3), "n.weight": np.ones(4)}, "'n.weight' .* looks like the gains of a norm"),
        ({"n.running_var": np.ones(4), "a": weights(4, 3)}, "'n.running_var' stands before any weight"),
        (
            {"a": weights(4, 3), "n.weight": np.ones(5), "n.running_var": np.ones(5)},
            "batch norm 'n' has 5 gains .* 'a' before it has 4",
        ),
        (
            {"a": weights(2, 3), "n.weight": np.ones(2), "n.running_var": np.array([1.0, -1.0])},
            "batch norm 'n' has a negative variance",
        ),
        ({"a": np.array([["x", "y"]])}, "'a' holds <U1, not numbers"),
        ({"a": weights(2, 3).astype(complex)}, "'a' holds complex128"),
    ],
)
def test_what_is_no_chain_is_named(arrays, message):
    with pytest.raises(ProbatumError, match=message):
        graph_from_arrays(arrays, name="some")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_weight_that_is_no_number_is_named(bad):
    broken = weights(4, 3)
    broken[1, 2] = bad
    with pytest.raises(ValueError, match=r"'b.weight' .* 1 of 12 are NaN or infinite"):
        graph_from_arrays({"a.weight": weights(3, 2), "b.weight": broken})


def test_wrong_words():
    with pytest.raises(ValueError, match="layout 'hwio'"):
        graph_from_arrays({"a": weights(2, 2)}, layout="hwio")
    with pytest.raises(ValueError, match="kernel_norm 'max'"):
        graph_from_arrays({"a": weights(2, 2)}, kernel_norm="max")


def test_scikit_learns_perceptron():
    neural = pytest.importorskip("sklearn.neural_network")
    model = neural.MLPRegressor(hidden_layer_sizes=(4, 3), max_iter=1, solver="lbfgs", random_state=0)
    with pytest.raises(ValueError, match="MLPRegressor has no coefs_"):
        graph_from_sklearn(model)
    x = weights(20, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        model.fit(x, x[:, 0])
    graph = graph_from_sklearn(model)
    assert [layer.units for layer in graph.layers] == [6, 4, 3, 1]
    assert np.allclose(graph.blocks[1].weights, np.abs(model.coefs_[1]))
