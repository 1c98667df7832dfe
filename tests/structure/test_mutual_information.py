import matplotlib
import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from probatum.datasets import load_unit_taxonomy
from probatum.structure.mutual_information import mutual_information

matplotlib.use("Agg")


@pytest.mark.parametrize(
    ("layer", "information", "share", "null", "corrected", "z", "without", "three_and_five"),
    [
        ("mixed3a", 0.435, 0.359, 0.113, 0.293, 16.3, 11.5, 12.3),
        ("mixed3b", 0.503, 0.384, 0.117, 0.323, 27.0, 16.1, 20.2),
    ],
)
def test_whole_layers_of_inception(layer, information, share, null, corrected, z, without, three_and_five):
    units = load_unit_taxonomy(layer)
    found = mutual_information(units.families, groups=units.branches)
    assert found.information == pytest.approx(information, abs=6e-4)
    assert found.share == pytest.approx(share, abs=6e-4)
    assert found.null_mean == pytest.approx(null, abs=2e-3)
    assert found.corrected_share == pytest.approx(corrected, abs=2e-3)
    assert found.z == pytest.approx(z, rel=0.03)
    assert found.p == 1 / 5000
    rest = mutual_information(units.families, groups=units.branches, without=["5x5"])
    assert rest.z == pytest.approx(without, rel=0.06)
    assert (rest.groups, rest.without) == (("1x1", "3x3", "pool"), ("5x5",))
    pair = mutual_information(units.families, groups=units.branches, without=["1x1", "pool"])
    assert pair.z == pytest.approx(three_and_five, rel=0.06)


def test_it_is_scikit_learns_and_chance_is_not_significant():
    rng = np.random.default_rng(0)
    labels, groups = rng.choice(list("abcd"), 90).tolist(), rng.choice(list("xyz"), 90).tolist()
    found = mutual_information(labels, groups=groups, shuffles=500)
    assert found.information == pytest.approx(mutual_info_score(labels, groups))
    assert found.p > 0.01
    assert abs(found.corrected_share) < 0.05
    again = mutual_information(labels, groups=groups, shuffles=500)
    assert again == found
    assert found.plot().patches
    assert "3 groups" in found.summary()


def test_labels_that_settle_the_group():
    labels = ["a"] * 20 + ["b"] * 30
    found = mutual_information(labels, groups=labels, shuffles=200)
    assert found.share == pytest.approx(1)
    assert found.corrected_share == pytest.approx(1)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"groups": ["x"]}, "2 labels for 1 units"),
        ({"groups": ["x", "y"], "without": ["z"]}, "without"),
        ({"groups": ["x", "y"], "without": "x"}, "give a list"),
        ({"groups": ["x", "x"]}, "nothing to compare"),
        ({"groups": ["x", "y"], "shuffles": 1}, "at least 2"),
    ],
)
def test_mistakes(keywords, words):
    with pytest.raises(ValueError, match=words):
        mutual_information(["a", "b"], **keywords)
