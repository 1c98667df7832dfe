import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probatum.networks.mlp import mlp, mlp_graph  # noqa: E402


def test_first_weights_are_glorot_uniform_and_repeat_without_touching_torchs_state():
    before = torch.random.get_rng_state()
    network = mlp(widths=(30, 20, 5), seed=3)
    assert torch.equal(before, torch.random.get_rng_state())
    limit = (6 / 50) ** 0.5
    assert 0.9 * limit < float(network.dense1.weight.detach().abs().max()) <= limit
    assert not network.dense1.bias.any()
    assert torch.equal(network.dense2.weight, mlp(widths=(30, 20, 5), seed=3).dense2.weight)
    assert not torch.equal(network.dense2.weight, mlp(widths=(30, 20, 5), seed=4).dense2.weight)


def test_dropout_stands_behind_each_hidden_layer_only():
    kinds = [type(layer).__name__ for layer in mlp(widths=(4, 3, 3, 2), dropout=0.5, seed=0)]
    assert kinds == ["Flatten", "Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert "Dropout" not in [type(layer).__name__ for layer in mlp(widths=(4, 3, 2), seed=0)]


def test_edges_are_the_sizes_of_the_weights_from_inputs_to_outputs():
    network = mlp(widths=(4, 3, 2), seed=0)
    graph = mlp_graph(network)
    assert [layer.units for layer in graph.layers] == [4, 3, 2]
    weight = network.dense1.weight.detach().numpy()
    assert graph.adjacency()[1, 4 + 2] == pytest.approx(abs(weight[2, 1]))
    assert (graph.blocks[1].fan_in, graph.blocks[1].fan_out) == (3, 2)
    assert graph.layers[2].weights.shape == (2, 3)


def test_the_graph_is_a_copy():
    network = mlp(widths=(4, 3, 2), seed=0)
    graph = mlp_graph(network)
    kept = graph.blocks[0].weights.copy()
    with torch.no_grad():
        network.dense1.weight.zero_()
    assert np.array_equal(graph.blocks[0].weights, kept)
    assert graph.layers[1].weights.any()


def test_no_chain_is_refused_with_the_layers_name():
    network = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(5, 2))
    with pytest.raises(ValueError, match=r"1\.weight takes 5 inputs, but the layer before it, 0, has 3 units"):
        mlp_graph(network)


@pytest.mark.parametrize("options", [{"widths": (4, 2)}, {"widths": (4, 0, 2)}, {"dropout": 1.0}])
def test_impossible_networks(options):
    with pytest.raises(ValueError, match="give at least inputs, one hidden layer and outputs"):
        mlp(**({"widths": (4, 3, 2), "seed": 0} | options))
