import matplotlib
import numpy as np
import pytest

from probatum.datasets.stimuli import arcs, coloured_noise, even_greys, gratings, spots
from probatum.networks.from_torch import graph_from_torch
from probatum.structure.input_scale import input_scale
from probatum.structure.unit_tuning import unit_tuning

matplotlib.use("Agg")
torch = pytest.importorskip("torch")

SIDE = 32


@pytest.mark.parametrize(
    "stimuli", [gratings(SIDE), gratings(SIDE, axis="red_green"), arcs(SIDE), spots(SIDE), even_greys(SIDE)]
)
def test_pictures_are_pictures(stimuli):
    assert stimuli.pictures.shape[1:] == (SIDE, SIDE, 3)
    assert 0 <= stimuli.pictures.min() <= stimuli.pictures.max() <= 1
    assert all(values.shape == (len(stimuli.pictures),) for values in stimuli.parameters.values())
    assert set(stimuli.parameters["repeat"] % 2) == {0, 1}


def test_coloured_gratings_are_even_in_grey_and_turn_with_orientation():
    red_green = gratings(SIDE, axis="red_green").pictures
    assert np.abs(red_green.mean(axis=-1) - 0.5).max() < 1e-6
    grey = gratings(SIDE)
    flat = grey.part((grey.parameters["orientation"] == 0) & (grey.parameters["frequency"] == 0.25)).pictures
    assert np.ptp(flat, axis=2).max() < 1e-6  # horizontal stripes: nothing changes along a row
    assert np.ptp(flat, axis=1).max() > 0.5


def test_arcs_bend_and_noise_repeats():
    strokes = arcs(64)
    chosen = {name: strokes.parameters[name] for name in ("bend", "orientation", "sign", "repeat")}
    first = (chosen["orientation"] == 0) & (chosen["sign"] == 1) & (chosen["repeat"] == 0)
    straight, *bent = strokes.part(first).pictures[..., 0]
    middle = np.abs(np.arange(64) - 31.5) < 1
    assert straight[middle].min(axis=0)[20:44].min() > 0.6  # a light line along the middle rows
    ends = [picture[36:, 16:20].max() for picture in bent]  # the ends leave them, the farther the more bent
    assert straight[36:, 16:20].max() < ends[1]
    noise = coloured_noise(SIDE, count=8, seed=1)
    assert np.array_equal(noise.pictures, coloured_noise(SIDE, count=8, seed=1).pictures)
    assert noise.pictures.std() == pytest.approx(0.25, abs=0.05)


@pytest.fixture(scope="module")
def tuned():
    """A layer of known filters: a vertical and a horizontal edge, red against green, a light spot, and grey level."""
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 6, 7, padding=3, bias=False), torch.nn.ReLU())
    down, right = np.mgrid[-3:4, -3:4]
    round_window = np.exp(-(down**2 + right**2) / 6)
    stripes = np.cos(np.pi / 2 * right) * round_window
    spot = np.exp(-(down**2 + right**2) / 2) - 0.25 * np.exp(-(down**2 + right**2) / 8)
    grey = [stripes - stripes.mean(), (stripes - stripes.mean()).T, spot, round_window]
    filters = np.zeros((6, 3, 7, 7))
    filters[:4] = np.stack(grey)[:, None]
    filters[4, 0], filters[4, 1] = round_window, -round_window
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor(filters))
    graph = graph_from_torch(network, torch.zeros(1, 3, SIDE, SIDE))
    return graph, network, unit_tuning(graph, model=network, size=SIDE)


def test_known_filters_are_recognized(tuned):
    _, _, found = tuned
    ((layer, scores),) = found.scores.items()
    vertical, horizontal, spot, level, opponent, dead = range(6)
    selectivity, width = np.array(scores["orientation_selectivity"]), np.array(scores["tuning_width"])
    assert min(selectivity[[vertical, horizontal]]) > 0.5
    assert max(selectivity[[spot, level]]) < 0.2
    assert max(width[[vertical, horizontal]]) < 45
    assert width[level] > 60
    against = np.array(scores["black_and_white_vs_colour"])
    assert against[opponent] < -0.9
    assert min(against[[vertical, horizontal, spot]]) > 0.9
    sensitivity = np.array(scores["colour_sensitivity"])
    assert sensitivity[opponent] > 0.9
    assert max(sensitivity[[vertical, horizontal, spot, level]]) < 0.02
    assert np.array(scores["brightness"])[level] > 0.85  # not 1: below middle grey it is silent
    surround = np.array(scores["centre_surround"])
    assert surround[spot] > 0.5
    assert surround[level] < 0.1
    assert surround[opponent] == 0  # grey spots mean nothing to it
    frequency = np.array(scores["spatial_frequency"])
    assert frequency[vertical] > 1.5 * frequency[level]
    assert [values[dead] for name, values in scores.items() if name not in ("tuning_width", "spatial_frequency")] == [
        0
    ] * 6
    assert found.silent[layer] == pytest.approx(1 / 6)
    assert all(value > 0.5 for value in found.reliability.values())


def test_result_speaks_and_draws(tuned):
    found = tuned[2]
    assert found.score("brightness").keys() == found.scores.keys()
    assert "6 units in 1 layers" in found.summary()
    assert [draw(None) for draw in found.pictures().values()]
    with pytest.raises(ValueError, match="there are colour_sensitivity"):
        found.score("colour")


def test_photographs_set_the_scale_and_are_greyed_in_it(tuned):
    graph, network, _ = tuned
    rng = np.random.default_rng(0)
    photographs = rng.normal(2.0, 3.0, (6, 3, SIDE, SIDE)).astype(np.float32)
    scale = input_scale(3, mean=None, std=None, inputs=photographs)
    middle = scale.to_model(np.full((1, 4, 4, 3), 0.5))
    assert middle == pytest.approx(2.0, abs=0.1)
    given = input_scale(3, mean=[0.4, 0.5, 0.6], std=[0.2, 0.3, 0.2], inputs=None)
    grey = given.without_colour(photographs) * given.std.reshape(1, 3, 1, 1) + given.mean.reshape(1, 3, 1, 1)
    assert np.ptp(grey, axis=1).max() < 1e-5
    found = unit_tuning(graph, model=network, images=photographs)
    assert found.photographs == 6


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({}, "give images, or else a size"),
        ({"images": np.zeros((4, 1, SIDE, SIDE))}, r"\(n, 3, side, side\)"),
        ({"images": np.full((4, 3, SIDE, SIDE), np.nan)}, "NaN"),
        ({"size": SIDE, "mean": [0.5]}, "both or neither"),
        ({"size": SIDE, "mean": [0.5], "std": [0.5]}, "give 3 numbers"),
        ({"size": 4}, "give 8 or more"),
    ],
)
def test_mistakes(tuned, keywords, words):
    graph, network, _ = tuned
    with pytest.raises(ValueError, match=words):
        unit_tuning(graph, model=network, **keywords)
