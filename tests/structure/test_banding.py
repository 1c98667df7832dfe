import matplotlib
import numpy as np
import pytest

from probatum.structure import banding, spatial_maps, weight_maps_svg

matplotlib.use("Agg")


def gaussian(units=64, channels=16, k=3, seed=0):
    return np.random.default_rng(seed).normal(size=(units, channels, k, k))


def planted(share, units=100):
    """Unit weights with strong stripes along rows in that share of the units."""
    weights = gaussian(units, 16, 5)
    count = round(share * units)
    weights[:count] += 3 * np.random.default_rng(1).normal(size=(count, 16, 5, 1))
    return weights


def test_shares_by_hand():
    slice_ = np.array([[1.0, 1.0], [-1.0, 1.0]])  # row, column and rest have a third of the variance each
    result = banding(slice_[None, None], draws=9)
    assert (result.row_share, result.column_share) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert result.b == pytest.approx(0)


def test_pure_stripes():
    rows = np.array([2.0, -1.0, 0.5])[:, None] * np.ones((4, 6, 3, 3))
    assert banding(rows).b == pytest.approx(1)
    assert banding(rows).share == 1
    assert banding(rows.swapaxes(2, 3)).b == pytest.approx(-1)


@pytest.mark.parametrize("k", [2, 3, 5, 7])
def test_no_structure_gives_the_shares_of_chance(k):
    result = banding(gaussian(400, 16, k))
    assert result.row_share == pytest.approx(1 / (k + 1), abs=0.02)
    assert result.column_share == pytest.approx(1 / (k + 1), abs=0.02)


def test_p_is_calibrated_on_gaussian_weights():
    found = [banding(gaussian(32, 8, 3, seed), draws=199, seed=seed).p <= 0.05 for seed in range(300)]
    assert 0.02 <= np.mean(found) <= 0.09


def test_planted_bands_are_found_and_grow_with_their_share():
    results = [banding(planted(share)) for share in (0.1, 0.25, 0.5, 1.0)]
    scores = [result.b for result in results]
    assert scores == sorted(scores)
    assert scores[0] > 0.03
    assert all(result.p < 0.01 and result.low < result.b < result.high for result in results)
    assert results[-1].share == 1


def test_turning_the_kernels_turns_the_sign_and_scale_does_not_matter():
    weights = planted(0.5)
    result = banding(weights)
    assert banding(np.rot90(weights, axes=(2, 3))).b == pytest.approx(-result.b)
    assert banding(weights * 1e-30).b == pytest.approx(result.b)
    assert banding(weights * 1e200).b == pytest.approx(result.b)
    assert banding(weights + 7).b == pytest.approx(result.b)


def test_seed_decides_p_and_interval():
    weights = gaussian()
    assert banding(weights, seed=4) == banding(weights, seed=4)
    assert banding(weights, seed=4) != banding(weights, seed=5)


def test_flat_units_count_as_no_stripe():
    weights = planted(1.0)
    weights[:50] = 3.7
    result = banding(weights)
    assert result.rows[0] == result.columns[0] == 0
    assert result.share == 0.5


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((4, 3, 3)), r"shape \(4, 3, 3\)"),
        (np.zeros((4, 2, 3, 1)), "square kernels"),
        (np.zeros((4, 2, 1, 1)), "k >= 2"),
        (np.zeros((0, 2, 3, 3)), r"shape \(0, 2, 3, 3\)"),
        (np.full((4, 2, 3, 3), np.nan), "NaN"),
        (np.full((4, 2, 3, 3), 0.1), "undefined"),
    ],
)
def test_wrong_weights_are_refused_in_words(weights, message):
    with pytest.raises(ValueError, match=message):
        banding(weights)


def test_result_speaks_and_draws():
    result = banding(planted(1.0))
    assert result.summary().startswith("horizontal stripes: B = +0.")
    assert "no preferred direction" in banding(gaussian()).summary()
    assert result.plot().lines
    assert len(result.to_dict()["rows"]) == result.units == 100


def test_maps_are_scaled_and_show_the_planted_stripe():
    maps = spatial_maps(np.array([2.0, -1.0, -1.0])[:, None] * np.ones((2, 4, 3, 3)))
    assert maps[0] == pytest.approx(np.array([[1] * 3, [-0.5] * 3, [-0.5] * 3]))


def test_maps_of_a_unit_without_variance_are_finite():
    assert np.isfinite(spatial_maps(np.ones((1, 2, 3, 3)))).all()


def test_picture_is_small_and_escapes_its_titles():
    from xml.etree import ElementTree

    svg = weight_maps_svg({"a < b & c": gaussian(), "second": gaussian(k=5)})
    assert len(svg) < 60_000
    root = ElementTree.fromstring(svg)
    assert [child.text for child in root if child.tag.endswith("text")] == ["a < b & c", "second"]
    assert weight_maps_svg({"one": gaussian(4, 2, 3)}, units=2).count("<path") == 18
