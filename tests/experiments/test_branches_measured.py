import numpy as np
import pytest

from probatum.artifacts import collecting
from probatum.datasets.images import Images
from probatum.errors import CannotRun
from probatum.experiments import two_branch_colour as experiment
from probatum.experiments.branch_table_of_inception import branch_table_of_inception
from probatum.experiments.family_missing_from_branch import family_missing_from_branch
from probatum.experiments.implicit_branches_of_squeezenet import implicit_branches_of_squeezenet

COLOUR = ["Color Center-Surround", "Color Contrast/Gradient"]


@pytest.mark.parametrize(
    ("layer", "cells", "bh", "holm", "z"), [("mixed3a", 72, 7, 5, 16.3), ("mixed3b", 136, 18, 6, 27)]
)
def test_whole_table(layer, cells, bh, holm, z):
    metrics = branch_table_of_inception(seed=1, layer=layer, shuffles=999)
    assert (metrics["cells"], metrics["kept_bh"], metrics["kept_holm"]) == (cells, bh, holm)
    assert metrics["z"] == pytest.approx(z, rel=0.1)
    assert metrics["p"] == 0.001
    part = branch_table_of_inception(seed=1, layer=layer, without=["5x5"], shuffles=999)
    assert 10 < part["z"] < metrics["z"]
    assert part["units"] < metrics["units"]


def test_no_curves_in_one_and_hardly_any_colour_in_the_other():
    curves = family_missing_from_branch(seed=0)
    assert (curves["seen"], curves["of"]) == (0, 11)
    assert curves["expected"] == pytest.approx(1.4, abs=0.05)
    assert 0.2 < curves["p"] < 0.25  # so few are expected that none is no wonder
    colour = family_missing_from_branch(seed=0, layer="mixed3b", families=COLOUR)
    assert (colour["seen"], colour["of"], colour["expected"]) == (1, 101, pytest.approx(20.2))
    assert colour["p"] < 1e-7
    with pytest.raises(ValueError, match=r"'Curves', .* 1x1, 3x3, 5x5, pool"):
        family_missing_from_branch(seed=0, branch="7x7")


def test_squeezenet_holds_the_split():
    try:
        metrics = implicit_branches_of_squeezenet(seed=0)
    except CannotRun as missing:
        pytest.skip(str(missing))
    assert metrics["colour_normalised_1"] == pytest.approx(0.797, abs=0.001)
    assert metrics["colour_raw_1"] < 0.1
    assert metrics["p_colour_normalised_1"] < 0.001
    assert len(metrics) == 3 * 2 * 5


def test_two_networks_are_trained_and_compared(monkeypatch):
    pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (192, 16, 16, 3), np.uint8), rng.integers(0, 4, 192)
    pictures = Images(name="noise", train_x=x[:128], train_y=y[:128], test_x=x[128:], test_y=y[128:])
    monkeypatch.setattr(experiment, "load_images", lambda name: pictures)
    with collecting() as artifacts:
        metrics = experiment.two_branch_colour(seed=3, images=128, epochs=1, filters=16)
    for kind in ("separation", "excess", "p", "colour", "grey", "frequency"):
        assert {f"{kind}_{name}" for name in ("start", "branched", "control")} <= set(metrics)
    assert metrics["colour_start"] == pytest.approx(2 / 3, abs=0.05)  # two of three directions are colour
    assert metrics["colour_branched"] >= metrics["grey_branched"]
    assert all(-1 <= value <= 1 for value in metrics.values())
    assert artifacts["filters.svg"].count(b"<image") == 4
    again = experiment.two_branch_colour(seed=3, images=128, epochs=1, filters=16)
    assert again == metrics


def test_pictures_without_colour_are_refused(monkeypatch):
    grey = np.zeros((4, 16, 16, 1), np.uint8)
    none = np.zeros(4, np.int64)
    pictures = Images(name="grey", train_x=grey, train_y=none, test_x=grey, test_y=none)
    monkeypatch.setattr(experiment, "load_images", lambda name: pictures)
    with pytest.raises(ValueError, match="1 channel: give a data set of colour"):
        experiment.two_branch_colour(seed=0, dataset="grey", images=4)
