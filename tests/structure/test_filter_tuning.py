import base64
import re

import numpy as np
import pytest

from probatum.structure.filter_pictures import filters_svg
from probatum.structure.filter_tuning import filter_tuning
from probatum.structure.grey_and_colour import colour_sensitivity, greyed


def wave(frequency, angle, side=9):
    down, right = np.mgrid[:side, :side]
    return np.cos(2 * np.pi * frequency * (np.cos(angle) * down + np.sin(angle) * right))


def test_grey_waves_and_even_colours():
    grey = np.repeat(wave(0.25, 0.3)[None], 3, axis=0)
    red_green = np.stack([np.ones((9, 9)), -np.ones((9, 9)), np.zeros((9, 9))])
    noise = np.random.default_rng(0).normal(size=(3, 9, 9))
    scores = filter_tuning(np.stack([grey, red_green, noise, np.zeros((3, 9, 9))]))
    assert scores["colour_share"][:2].tolist() == pytest.approx([0, 1])
    assert scores["colour_share"][2] == pytest.approx(2 / 3, abs=0.1)
    assert scores["spatial_frequency"][0] == pytest.approx(0.25, abs=0.03)
    assert scores["spatial_frequency"][1] < 0.09
    assert scores["orientation_selectivity"][0] > 0.8
    assert scores["orientation_selectivity"][2] < 0.2
    assert [values[3] for values in scores.values()] == [0, 0, 0]


def test_scale_and_order_of_channels_do_not_matter():
    filters = np.random.default_rng(1).normal(size=(5, 3, 7, 7))
    one, other = filter_tuning(filters), filter_tuning(-1e-3 * filters[:, ::-1])
    for name in one:
        assert one[name] == pytest.approx(other[name])
    assert "colour_share" not in filter_tuning(filters[:, :1])


@pytest.mark.parametrize("filters", [np.ones((2, 3, 1, 1)), np.ones((2, 3)), np.full((2, 3, 3, 3), np.inf)])
def test_mistakes(filters):
    with pytest.raises(ValueError, match="give"):
        filter_tuning(filters)


def test_units_that_read_colour_alone_or_not_at_all():
    pictures = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3), np.uint8)
    grey = greyed(pictures)
    assert grey.dtype == np.uint8
    assert np.ptp(grey, axis=-1).max() == 0
    assert np.abs(grey[..., 0] - pictures.mean(axis=-1)).max() <= 0.5

    def units(x):
        x = x.astype(float)
        return np.stack([x.mean(axis=-1), np.abs(x[..., 0] - x[..., 1]), 0 * x[..., 0]], axis=1)

    brightness, opponent, dead = colour_sensitivity(units(pictures), units(grey))
    assert brightness < 0.01
    assert opponent == 1
    assert dead == 0
    with pytest.raises(ValueError, match="shapes"):
        colour_sensitivity(np.ones((2, 3)), np.ones((2, 4)))


def test_filters_are_drawn_as_they_are():
    image = pytest.importorskip("PIL.Image")
    filters = np.zeros((17, 3, 2, 2))
    filters[0, 0, 0, 1] = 2.0  # red in the upper right corner
    svg = filters_svg({"a < b": filters})
    assert "a &lt; b" in svg
    (data,) = re.findall(r"base64,([^\"]+)", svg)
    import io

    pixels = np.asarray(image.open(io.BytesIO(base64.b64decode(data))))
    assert pixels.shape == (2 * 3, 16 * 3, 3)
    assert pixels[0, 1].tolist() == [255, 128, 128]
    assert pixels[0, 0].tolist() == pixels[3, 0].tolist() == [128, 128, 128]
    assert pixels[3, 3].tolist() == [255, 255, 255]
