import itertools
import json
import os
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.progress import listening
from probatum.structure.banding import banding
from probatum.structure.banding_by_depth import banding_by_depth
from probatum.structure.depth_contrast import contrasts

matplotlib.use("Agg")
from matplotlib import pyplot

SHARED = Path(os.environ.get("PROBATUM_SHARED", Path(__file__).parents[3] / "shared" / "data"))
SQUEEZENET = SHARED / "squeezenet11_imagenet.npz"


def gaussian(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def striped(*shape, seed=0):
    return gaussian(*shape, seed=seed) + 2 * gaussian(*shape[:3], 1, seed=seed + 1)


def network(weights, kind="convolution"):
    """A chain of layers with these weights by name; the sizes of the edges do not matter to stripes."""
    layers = [Layer(name="input", units=3, kind="input")]
    layers += [
        Layer(name=name, units=len(w), kind=kind, weights=w, tensor=f"{name}.weight") for name, w in weights.items()
    ]
    pairs = itertools.pairwise(layers)
    blocks = [Block(source=a.name, target=b.name, weights=np.ones((a.units, b.units)), tied=b.name) for a, b in pairs]
    return LayeredGraph(name="sample", layers=tuple(layers), blocks=tuple(blocks))


PLAIN = {"a": gaussian(32, 3, 5, 5), "b": gaussian(48, 32, 3, 3), "point": gaussian(8, 48, 1, 1)}
BANDED = PLAIN | {"c": striped(64, 8, 3, 3)}


def test_every_layer_is_measured_as_banding_does_and_compared_with_those_before():
    result = banding_by_depth(network(BANDED), draws=99, seed=3)
    assert [(layer.name, layer.depth, layer.kind) for layer in result.layers] == [
        (name, depth, "convolution") for name, depth in (("a", 1), ("b", 2), ("c", 4))
    ]
    assert result.layer("c").banding == banding(BANDED["c"], draws=99, seed=3)
    assert result.layer("a").contrast is None
    contrast = result.layer("c").contrast
    mean = (result.layer("a").banding.b + result.layer("b").banding.b) / 2
    assert contrast.difference == pytest.approx(result.layer("c").banding.b - mean)
    assert 0.3 < contrast.low < contrast.difference < contrast.high < 1
    assert result.layer("b").contrast.low < 0 < result.layer("b").contrast.high
    assert result.layer("c").bh_p == pytest.approx(0.03)


def test_turned_network_has_the_opposite_signs():
    turned = {name: np.ascontiguousarray(weights.swapaxes(2, 3)) for name, weights in BANDED.items()}
    pairs = zip(banding_by_depth(network(BANDED)).layers, banding_by_depth(network(turned)).layers, strict=True)
    for layer, other in pairs:
        assert other.banding.b == pytest.approx(-layer.banding.b)
        assert other.banding.p == layer.banding.p


def test_contrast_of_equal_layers_covers_zero_as_often_as_it_should():
    covered = []
    for seed in range(100):
        found = [banding(gaussian(24, 4, 3, 3, seed=2 * seed + n), draws=1) for n in (0, 1)]
        contrast = contrasts(found, seed=seed)[1]
        covered.append(contrast.low <= 0 <= contrast.high)
    assert 0.87 <= np.mean(covered) <= 1


def test_gaussian_networks_are_rejected_as_often_as_they_should_be():
    found = []
    for seed in range(80):
        weights = {"a": gaussian(32, 8, 3, 3, seed=2 * seed), "b": gaussian(32, 32, 3, 3, seed=2 * seed + 1)}
        found += [layer.banding.p <= 0.05 for layer in banding_by_depth(network(weights), draws=199, seed=seed).layers]
    assert 0.02 <= np.mean(found) <= 0.09


def test_rank_raises_b_of_planted_stripes():
    plain = banding_by_depth(network(BANDED), draws=1)
    cut = banding_by_depth(network(BANDED), draws=1, rank=3)
    assert {layer.rank_b for layer in plain.layers} == {None}
    assert cut.layer("c").rank_b > cut.layer("c").banding.b + 0.05
    assert cut.layer("a").rank_b == pytest.approx(cut.layer("a").banding.b)  # three input channels have rank 3


def test_what_cannot_be_measured_is_noted():
    odd = {"wide": gaussian(4, 3, 3, 5), "line": gaussian(4, 4, 3), "flat": np.ones((4, 4, 3, 3), np.float32)}
    result = banding_by_depth(network(odd | {"c": striped(8, 4, 3, 3)}), draws=9)
    assert [layer.name for layer in result.layers] == ["c"]
    assert [note.split(":")[0] for note in result.notes] == ["wide", "line", "flat"]
    assert "3x5" in result.notes[0]
    assert "undefined" in result.notes[2]


def test_dense_layers_alone_have_no_stripes():
    with pytest.raises(ValueError, match=r"sample has no convolution .* its weights are a \(5, 3\), b \(4, 5\)"):
        banding_by_depth(network({"a": gaussian(5, 3), "b": gaussian(4, 5)}, kind="dense"))


def test_tensor_that_is_not_finite_is_named():
    broken = BANDED["b"].copy()
    broken[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match=r"b.weight: 1 of 13824 weights are NaN or infinite"):
        banding_by_depth(network(BANDED | {"b": broken}))


@pytest.mark.parametrize("options", [{"draws": 0}, {"rank": 0}])
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match="give at least 1"):
        banding_by_depth(network(BANDED), **options)


def test_result_speaks_draws_and_becomes_json():
    heard = []
    with listening(lambda done, total, what: heard.append((done, total, what))):
        result = banding_by_depth(network(BANDED), draws=99)
    assert heard[-1] == (3, 3, "layers")
    assert "the last convolution c has B = +0.8" in result.summary()
    assert "strongest of 3 is c" in result.summary()
    figure = pyplot.figure()
    for caption, draw in result.pictures().items():
        assert caption
        assert draw(figure.add_subplot()).lines
    assert json.loads(json.dumps(result.to_dict()))["layers"][2]["banding"]["units"] == 64
    pyplot.close("all")


@pytest.mark.skipif(not SQUEEZENET.is_file(), reason=f"SqueezeNet's weights are not here ({SQUEEZENET})")
def test_squeezenet_bands_in_its_last_two_layers():
    with np.load(SQUEEZENET) as arrays:
        weights = {name.removesuffix(".weight"): arrays[name] for name in arrays if arrays[name].ndim == 4}
    result = banding_by_depth(network(weights), rank=3)
    b = {layer.name: layer.banding.b for layer in result.layers}
    assert all(abs(value) <= 0.06 for value in list(b.values())[:7])
    assert (b["fire8.expand3x3"], b["fire9.expand3x3"]) == (
        pytest.approx(0.276, abs=5e-4),
        pytest.approx(0.606, abs=5e-4),
    )
    assert result.layer("fire8.expand3x3").rank_b == pytest.approx(0.48, abs=0.005)
    assert result.layer("fire9.expand3x3").rank_b == pytest.approx(0.75, abs=0.005)
    assert result.layers[-1].contrast.low > 0.5
