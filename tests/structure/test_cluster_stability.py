import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_networks import planted, structureless

from probatum.structure.adjusted_rand import adjusted_rand
from probatum.structure.cluster_stability import cluster_stability

FEW = {"clusters": 4, "restarts": 2, "shuffles": 5}
LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40)


def test_planted_modules_come_out_again_and_shuffles_do_not():
    found = cluster_stability([planted(seed=seed) for seed in range(3)], **FEW)
    assert found.within.value == found.between.value == found.between_ends.value == 1.0
    assert found.between.null_mean < 0.6
    assert found.between.p == pytest.approx(1 / 6)
    assert np.shape(found.agreement) == (3, 3)
    assert "3 networks agree to 1.00" in found.summary()
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_networks_without_modules_do_not_agree_more_than_shuffles():
    found = cluster_stability([structureless(seed=seed) for seed in range(2)], clusters=4, restarts=2, shuffles=19)
    assert found.between.value < 0.6
    assert found.between.p > 0.05


def test_a_network_agrees_with_its_copy_as_restarts_do():
    found = cluster_stability([structureless()] * 2, clusters=6, restarts=4, shuffles=1)
    assert found.between.value == pytest.approx(found.within.value, abs=0.1)


def test_one_network_gives_restarts_only():
    found = cluster_stability(planted(), **FEW)
    assert found.between is found.between_ends is None
    assert found.agreement == ((1.0,),)
    assert found == cluster_stability([planted()], **FEW)


def test_warnings_speak_of_few_shuffles():
    assert any("p cannot fall below 0.17" in warning for warning in cluster_stability(planted(), **FEW).warnings)


@pytest.mark.parametrize(
    ("networks", "options", "words"),
    [
        ([], {}, "one or more"),
        ([planted(), planted(widths=(24, 24, 24, 20), name="other")], {}, r"net and other .*24.*20"),
        ([planted(), planted(widths=(24, 24, 24))], {}, "differ in their layers"),
        (planted(), {"restarts": 1}, "2 or more"),
        (planted(), {"null": "none"}, "'support'"),
    ],
)
def test_mistakes_are_named(networks, options, words):
    with pytest.raises(ValueError, match=words):
        cluster_stability(networks, **FEW | options)


def test_pictures_draw_what_was_measured():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    for networks in (planted(), [planted(), planted(seed=1)]):
        for draw in cluster_stability(networks, **FEW).pictures().values():
            figure, ax = pyplot.subplots()
            assert draw(ax) is ax
            pyplot.close(figure)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_the_index_agrees_with_another_implementation(pairs):
    sklearn = pytest.importorskip("sklearn.metrics")
    first, second = map(np.array, zip(*pairs, strict=True))
    assert adjusted_rand(first, second) == pytest.approx(sklearn.adjusted_rand_score(first, second), abs=1e-9)


def test_the_index_leaves_out_units_without_a_cluster():
    assert adjusted_rand([0, 0, 1, 1, -1], [5, 5, 2, 2, 2]) == 1.0
    with pytest.raises(ValueError, match="no unit"):
        adjusted_rand([-1, 0], [0, -1])
    with pytest.raises(ValueError, match="same units"):
        adjusted_rand([1, 0], [0, 1, 2])
