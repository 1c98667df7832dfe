import json
from importlib import import_module

import numpy as np
import pytest
from planted_networks import WIDTHS, chain, modules_of, planted, structureless

from probatum.structure.adjusted_rand import adjusted_rand
from probatum.structure.clusterability import clusterability
from probatum.structure.group_weights import densities, group_weights
from probatum.structure.partitioning import ncut

FEW = {"clusters": 4, "shuffles": 20, "repeats": 3}


def test_planted_modules_are_found_and_beat_their_shuffles():
    found = clusterability(planted(), **FEW)
    assert adjusted_rand(found.labels, modules_of()) == 1.0
    assert found.ncut == pytest.approx(ncut(planted(), found.labels), abs=1e-6)
    assert found.ncut == pytest.approx(sum(found.leaving), abs=1e-6)
    assert found.p == found.p_floor == 1 / 21
    assert found.z < -10
    assert found.gap > 0.3
    assert found.excess == pytest.approx(found.null_mean - found.ncut)
    assert "more clusterable than chance" in found.summary()
    assert "n-cut" in found.summary()


def test_no_modules_no_verdict():
    tails = [clusterability(structureless(seed=seed), **FEW | {"repeats": 0, "seed": seed}).p for seed in range(4)]
    assert max(tails) > 0.1  # four networks without structure: all below that once in ten thousand


def test_the_contents_of_clusters_are_told():
    found = clusterability(planted(), **FEW)
    assert found.sizes == (24, 24, 24, 24)
    assert found.layers == ("layer0", "layer1", "layer2", "layer3")
    assert found.composition == ((6, 6, 6, 6),) * 4
    assert sum(found.volume_shares) == pytest.approx(1)
    assert list(found.volume_shares) == sorted(found.volume_shares, reverse=True)
    shape = np.shape(found.matrix)
    assert shape == (96, 96)
    assert found.matrix_ends == (24, 48, 72, 96)
    matrix = np.array(found.matrix)
    assert matrix[:24, :24].mean() > 3 * matrix[:24, 24:].mean()


def test_units_without_edges_are_left_out():
    blocks = [np.ones((6, 6)), np.ones((6, 6))]
    blocks[0][2], blocks[0][:3, :3] = 0, 5
    found = clusterability(chain(blocks), clusters=2, shuffles=2, repeats=0)
    assert found.left_out == 0  # unit 2 of the first layer still has edges
    blocks[0][2] = 0
    found = clusterability(chain(blocks), clusters=2, shuffles=2, repeats=0)
    assert found.left_out == 1
    assert found.labels[2] == -1
    assert sum(found.sizes) == 17


def test_same_seed_same_result():
    first, second = (clusterability(structureless(), seed=3, **FEW) for _ in range(2))
    assert first == second


def test_the_result_is_plain_json():
    found = clusterability(structureless(), **FEW)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["clusters"] == 4


def test_warnings_speak_of_small_clusters_noise_and_few_shuffles():
    at = import_module("probatum.structure.clusterability")
    spread = {"null_sd": 0.01, "p_floor": 0.2, "z": None}
    said = at._warnings(2, 12, 0.02, spread)
    assert len(said) == 4
    assert "2 of 12 clusters" in said[0]
    assert at._warnings(0, 12, 0.001, {"null_sd": 0.01, "p_floor": 0.005, "z": -3.0}) == ()


def test_all_equal_weights_give_no_z():
    found = clusterability(chain([np.ones((8, 8))] * 2), clusters=2, shuffles=3, repeats=0, null="all")
    assert found.null_sd < 1e-6 or found.z is not None  # the solver may differ by its start
    assert found.p == 1.0 or found.z is not None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "fast"}, "'refined', 'paper'"),
        ({"null": "random"}, "'all', 'support', 'strengths', 'initialization'"),
        ({"shuffles": 0}, "at least 1"),
        ({"repeats": 1}, "2 or more"),
        ({"clusters": 1}, "1"),
        ({"clusters": 1000}, "1000"),
    ],
)
def test_mistakes_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        clusterability(structureless(), **FEW | options)


def test_group_weights_are_sums_of_the_adjacency_matrix():
    network = planted()
    groups = np.random.default_rng(0).integers(-1, 5, network.units)
    member = np.eye(5)[groups] * (groups >= 0)[:, None]
    np.testing.assert_allclose(group_weights(network, groups), member.T @ network.adjacency() @ member, rtol=1e-5)
    with pytest.raises(ValueError, match="96 units"):
        group_weights(network, [0, 1])


def test_densities_are_one_where_nothing_but_volume_counts():
    ratios, ends = densities(structureless(), modules_of(), bins=4)
    assert ends == (1.0, 2.0, 3.0, 4.0)
    np.testing.assert_allclose(ratios, 1, atol=0.1)
    assert sum(WIDTHS) == 96


def test_pictures_draw_what_was_measured():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    found = clusterability(planted(), **FEW)
    for draw in found.pictures().values():
        figure, ax = pyplot.subplots()
        assert draw(ax) is ax
        pyplot.close(figure)
    figure, ax = pyplot.subplots()
    bars = list(found.pictures().values())[2](ax)
    assert sum(bar.get_height() for bar in bars.patches) == 96
    pyplot.close(figure)


def test_many_layers_are_put_together_by_depth():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    from probatum.structure.cluster_pictures import BARS, draw_composition

    figure, ax = pyplot.subplots()
    draw_composition(np.ones((BARS + 5, 30), int).tolist(), [f"l{n}" for n in range(30)], ax)
    assert sum(bar.get_height() for bar in ax.patches) == 30 * BARS
    assert len(ax.get_legend().get_texts()) == 9
    pyplot.close(figure)
