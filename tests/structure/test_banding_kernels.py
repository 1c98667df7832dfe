"""Weights cut to rank three, separable blocks multiplied out, pairs of 1xk and kx1 kernels."""

import matplotlib
import numpy as np
import pytest

from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.structure.banding_by_depth import banding_by_depth
from probatum.structure.composed_kernels import SeparableBlock, composed_kernels, separable_blocks
from probatum.structure.factorised_kernels import compare_pair, factorised_pairs, spatial_share
from probatum.structure.rank_three import rank_three

matplotlib.use("Agg")


def gaussian(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def convolution(name, weights, groups=1):
    return Layer(
        name=name, units=len(weights), kind="convolution", weights=weights, groups=groups, tensor=f"{name}.weight"
    )


def edges(source, target, weights):
    sizes = np.abs(weights).sum(axis=(2, 3)).T
    return Block(source=source, target=target, weights=sizes, tied=target)


def chain(*layers):
    """A graph in which each layer reads the one before, edges as heavy as the weights."""
    first = Layer(name="input", units=layers[0].weights.shape[1], kind="input")
    blocks, before = [], first
    for layer in layers:
        whole = np.eye(layer.units)[:, :, None, None] * layer.weights if layer.groups > 1 else layer.weights
        blocks.append(edges(before.name, layer.name, whole))
        before = layer
    return LayeredGraph(name="chain", layers=(first, *layers), blocks=tuple(blocks))


def test_rank_three_is_the_nearest_by_singular_values():
    weights = gaussian(4, 7, 3, 3)
    cut = rank_three(weights)
    for unit, found in zip(weights.reshape(4, 7, 9), cut.reshape(4, 7, 9), strict=True):
        left, values, right = np.linalg.svd(unit, full_matrices=False)
        assert found == pytest.approx((left[:, :3] * values[:3]) @ right[:3], abs=1e-6)
    assert rank_three(weights * 1e-30) == pytest.approx(cut * 1e-30)
    assert rank_three(cut) == pytest.approx(cut)


def test_rank_three_leaves_few_channels_alone():
    weights = gaussian(4, 3, 5, 5)
    assert (rank_three(weights) == weights).all()
    assert (rank_three(np.zeros((2, 5, 3, 3))) == 0).all()


@pytest.mark.parametrize(
    ("weights", "rank", "message"),
    [
        (np.ones((2, 3)), 3, "shape"),
        (np.full((2, 3, 3, 3), np.inf), 3, "infinite"),
        (np.ones((2, 5, 3, 3)), 0, "rank 0"),
    ],
)
def test_rank_three_refuses(weights, rank, message):
    with pytest.raises(ValueError, match=message):
        rank_three(weights, rank=rank)


@pytest.mark.parametrize("expanded", [True, False])
def test_composed_kernels_are_the_response_to_an_impulse(expanded):
    torch = pytest.importorskip("torch")
    from torch import nn

    from probatum.networks.from_torch import graph_from_torch

    torch.manual_seed(0)
    before = [nn.Conv2d(3, 6, 1, bias=False), nn.BatchNorm2d(6)] if expanded else []
    width = 6 if expanded else 3
    middle = [nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False), nn.BatchNorm2d(width)]
    network = nn.Sequential(*before, *middle, nn.Conv2d(width, 4, 1, bias=False)).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.2, 2.0)
            nn.init.uniform_(module.running_var, 0.2, 2.0)
    graph = graph_from_torch(network, torch.zeros(1, 3, 5, 5))
    (block,) = separable_blocks(graph)
    assert (block.expand is not None) == expanded
    kernels = composed_kernels(graph, block)
    with torch.no_grad():
        for channel in range(3):
            impulse = torch.zeros(1, 3, 5, 5)
            impulse[0, channel, 2, 2] = 1
            answer = network(impulse)[0, :, 1:4, 1:4].flip(1, 2).numpy()
            assert kernels[:, channel] == pytest.approx(answer, abs=1e-5)


def traced(name):
    pytest.importorskip("torch")
    from sample_networks import build

    from probatum.networks.from_torch import graph_from_torch

    return graph_from_torch(*build(name))


def test_gates_of_squeeze_and_excite_are_not_the_projection():
    graph = traced("efficientnet_like")
    blocks = separable_blocks(graph)
    assert [graph.layer(block.project).units for block in blocks] == [6, 8, 8]
    assert [graph.layer(block.expand).units for block in blocks] == [18, 18, 24]
    result = banding_by_depth(graph, draws=9)
    assert [layer.kind for layer in result.layers] == ["convolution", *["depthwise"] * 3]
    assert [(block.kind, block.depth) for block in result.composed] == [("composed", depth) for depth in (3, 8, 13)]
    assert result.composed[0].banding.units == 6
    assert "linear path" in result.notes[-1]
    assert len(result.plot().get_legend().texts) == 3


def test_depthwise_behind_a_sum_is_composed_without_expansion():
    parts = [convolution(name, gaussian(5, 3, 1, 1, seed=n)) for n, name in enumerate(("one", "two"))]
    depthwise, project = convolution("deep", gaussian(5, 1, 3, 3), groups=5), convolution("out", gaussian(4, 5, 1, 1))
    first = Layer(name="input", units=3, kind="input")
    blocks = [edges("input", part.name, part.weights) for part in parts]
    diagonal = np.eye(5)[:, :, None, None] * depthwise.weights
    blocks += [edges(part.name, "deep", diagonal) for part in parts]
    blocks.append(edges("deep", "out", project.weights))
    graph = LayeredGraph(name="sum", layers=(first, *parts, depthwise, project), blocks=tuple(blocks))
    assert separable_blocks(graph) == (SeparableBlock(expand=None, depthwise="deep", project="out"),)
    assert composed_kernels(graph, separable_blocks(graph)[0]).shape == (4, 5, 3, 3)


def test_pairs_behind_each_other():
    graph = traced("inception_like")
    assert factorised_pairs(graph) == (("2.five.3", "2.five.2"), ("3.five.3", "3.five.2"))
    result = banding_by_depth(graph, draws=9)
    assert [pair.kernel for pair in result.pairs] == [5, 5]
    assert "of 2 factorised pairs the last (3.five.3, 3.five.2)" in result.summary()
    assert result.plot().get_legend().texts


def test_pair_beside_each_other():
    stem = convolution("stem", gaussian(4, 3, 3, 3))
    sides = [convolution("y", gaussian(6, 4, 3, 1)), convolution("x", gaussian(6, 4, 1, 3))]
    blocks = [edges("input", "stem", stem.weights), *(edges("stem", side.name, side.weights) for side in sides)]
    first = Layer(name="input", units=3, kind="input")
    graph = LayeredGraph(name="beside", layers=(first, stem, *sides), blocks=tuple(blocks))
    assert factorised_pairs(graph) == (("y", "x"),)


def test_a_chain_of_four_makes_two_pairs():
    narrow = [
        convolution(str(n), gaussian(4, 4, *shape)) for n, shape in enumerate(((7, 1), (1, 7), (7, 1), (1, 7), (3, 1)))
    ]
    assert factorised_pairs(chain(*narrow)) == (("0", "1"), ("2", "3"))


def test_spatial_share_by_hand_and_by_chance():
    assert spatial_share(np.array([[[[1.0, -1.0]]], [[[2.0, 2.0]]], [[[0.0, 0.0]]], [[[3.0, 1.0]]]])) == pytest.approx(
        [1, 0, 0, 0.2]
    )
    assert spatial_share(gaussian(400, 16, 5, 1)).mean() == pytest.approx(4 / 5, abs=0.01)


def test_a_pair_that_looks_up_and_down_is_told_from_chance():
    flat = gaussian(60, 8, 1, 3) * 0.3 + gaussian(60, 8, 1, 1)
    result = compare_pair(convolution("y", gaussian(80, 8, 3, 1)), convolution("x", flat), depth=2, draws=199, seed=0)
    assert result.b > 0.3
    assert result.low < result.b < result.high
    assert result.p == pytest.approx(1 / 200)
    swapped = compare_pair(
        convolution("y", flat.swapaxes(2, 3)), convolution("x", gaussian(80, 8, 1, 3)), depth=2, draws=199, seed=0
    )
    assert swapped.b == pytest.approx(-result.b)


def test_pairs_without_structure_are_rejected_as_often_as_they_should_be():
    sides = [
        [
            convolution(name, gaussian(24, 8, *shape, seed=seed))
            for name, shape, seed in (("y", (3, 1), 2 * n), ("x", (1, 3), 2 * n + 1))
        ]
        for n in range(120)
    ]
    found = [compare_pair(*pair, depth=1, draws=99, seed=n).p <= 0.05 for n, pair in enumerate(sides)]
    assert np.mean(found) <= 0.1


def test_pair_of_constants():
    sides = convolution("y", np.ones((4, 2, 3, 1), np.float32)), convolution("x", np.ones((4, 2, 1, 3), np.float32))
    with pytest.raises(ValueError, match=r"y.weight and x.weight: neither varies"):
        compare_pair(*sides, depth=1, draws=9, seed=0)
