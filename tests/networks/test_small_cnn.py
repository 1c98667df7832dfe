import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probatum.networks.small_cnn import convolution_graph, small_cnn  # noqa: E402


def test_pictures_go_in_and_answers_come_out():
    network = small_cnn(size=14, channels=2, classes=7, filters=4, hidden=8, seed=0)
    assert network(torch.rand(3, 2, 14, 14)).shape == (3, 7)
    assert small_cnn(size=28, channels=1, classes=10, seed=0).dense1.weight.shape == (128, 64 * 5 * 5)


def test_edges_are_l1_norms_of_kernel_slices_between_convolutions_only():
    network = small_cnn(size=14, channels=1, classes=3, filters=4, hidden=8, seed=0)
    graph = convolution_graph(network)
    assert [(layer.name, layer.units) for layer in graph.layers] == [("conv1", 4), ("conv2", 4), ("conv3", 4)]
    weight = network.conv2.weight.detach().numpy()
    assert graph.blocks[0].weights[1, 2] == pytest.approx(np.abs(weight[2, 1]).sum())
    assert [block.area for block in graph.blocks] == [9, 9]
    assert [(block.source, block.target) for block in graph.blocks] == [("conv1", "conv2"), ("conv2", "conv3")]


def test_dropout_only_where_it_drops():
    def drops(**options):
        network = small_cnn(size=14, channels=1, classes=3, filters=4, hidden=8, seed=0, **options)
        return sorted(name for name, layer in network.named_children() if isinstance(layer, torch.nn.Dropout))

    assert drops() == []
    assert drops(dropout=(0.25, 0.5)) == ["dropout2", "dropout3", "dropout4"]


def test_the_seed_decides_the_weights():
    first, again, other = (small_cnn(size=14, channels=1, classes=3, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.conv1.weight, again.conv1.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)


def test_too_small_pictures():
    with pytest.raises(ValueError, match="pictures of 8 pixels: give 14 or more"):
        small_cnn(size=8, channels=1, classes=3, seed=0)
