import matplotlib
import numpy as np
import pytest
from scipy.stats import spearmanr

from probatum.datasets.squeezenet_weights import load_squeezenet
from probatum.errors import CannotRun
from probatum.structure.implicit_branches import implicit_branches

matplotlib.use("Agg")


def test_squeezenet_as_measured_before():
    try:
        weights = load_squeezenet()
    except CannotRun as missing:
        pytest.skip(str(missing))
    found = implicit_branches(weights["conv1.weight"], second=weights["fire2.squeeze1x1.weight"])
    cells = {name: [found.cell(name, n, "colour_share") for n in (1, 2)] for name in ("raw", "centred", "normalised")}
    assert cells["raw"][0].rho == pytest.approx(0.05, abs=0.005)
    assert cells["raw"][0].p > 0.5
    assert cells["raw"][0].energy == pytest.approx(0.48, abs=0.005)
    assert cells["raw"][1].rho == pytest.approx(0.80, abs=0.005)
    assert cells["centred"][0].rho == pytest.approx(0.77, abs=0.005)
    assert cells["normalised"][0].rho == pytest.approx(0.80, abs=0.005)
    assert cells["normalised"][0].p == 1 / 2000
    assert "normalised 0.80" in found.summary()


def planted(seed=0):
    rng = np.random.default_rng(seed)
    colour = rng.random(40)
    strengths = rng.random((24, 40)) + 2 * np.outer(np.linspace(-1, 1, 24), 2 * colour - 1).clip(0)
    strengths *= rng.lognormal(0, 1, 40)  # some units are strong throughout
    return colour, strengths


def test_planted_split_is_seen_behind_unequal_strengths():
    colour, strengths = planted()
    found = implicit_branches(np.zeros(40), second=strengths[:, :, None], scores={"colour": colour})
    normalised, raw = found.cell("normalised", 1, "colour"), found.cell("raw", 1, "colour")
    assert normalised.rho > 0.8
    assert normalised.p < 0.001
    assert raw.rho < 0.6
    assert abs(spearmanr(found.first, colour).statistic) == pytest.approx(normalised.rho)
    assert implicit_branches(np.zeros(40), second=-strengths, scores={"colour": colour}).cells == found.cells


def test_scores_of_no_kind_are_rarely_significant():
    strengths = planted()[1]
    rng = np.random.default_rng(5)
    named = {str(n): rng.random(40) for n in range(60)}
    found = implicit_branches(np.zeros(40), second=strengths, scores=named, draws=199)
    assert np.mean([cell.p <= 0.05 for cell in found.cells]) < 0.12
    assert np.mean([cell.rho - cell.chance for cell in found.cells]) == pytest.approx(0, abs=0.02)


def test_result_draws_and_names_what_it_has():
    found = implicit_branches(
        np.random.default_rng(0).normal(size=(12, 3, 5, 5)), second=np.ones((6, 12)) + np.eye(6, 12)
    )
    assert [picture(None) for picture in found.pictures().values()]
    with pytest.raises(ValueError, match="raw, centred, normalised, vectors 1 to 2"):
        found.cell("raw", 3, "colour_share")
    assert found.to_dict()["cells"][0]["variant"] == "raw"


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (np.ones((8, 3, 3, 3)), np.ones((6, 7)), "targets, units"),
        (np.ones((8, 3, 3, 3)), np.full((6, 8), np.nan), "NaN"),
        (np.ones((8, 3, 3, 3)), np.eye(6, 8), "unit 6 has no weight"),
        (np.ones((8, 3)), np.ones((6, 8)), r"k, k"),
    ],
)
def test_mistakes(first, second, words):
    with pytest.raises(ValueError, match=words):
        implicit_branches(first, second=second)
