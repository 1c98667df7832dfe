import json
from importlib import import_module

import pytest
from planted_networks import planted, structureless

from probatum.structure.clusterability import clusterability
from probatum.structure.clusterability_by_k import clusterability_by_k
from probatum.structure.multiple_testing import benjamini_hochberg, holm

FEW = {"shuffles": 20, "repeats": 0}


def test_the_gap_is_largest_at_the_planted_number():
    found = clusterability_by_k(planted(), clusters=(2, 4, 8), **FEW)
    assert found.clusters == (2, 4, 8)
    assert found.best == 4
    assert found.bh_p == tuple(benjamini_hochberg(found.p))
    assert found.holm_p == tuple(holm(found.p))
    assert "largest at 4" in found.summary()
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_each_row_is_what_clusterability_gives_alone():
    scan = clusterability_by_k(structureless(), clusters=(5, 3), seed=2, **FEW)
    for place, number in enumerate((5, 3)):
        alone = clusterability(structureless(), clusters=number, seed=2, **FEW)
        assert (scan.ncut[place], scan.null_mean[place], scan.p[place]) == (alone.ncut, alone.null_mean, alone.p)


def test_warnings_name_the_number_of_clusters():
    scan = clusterability_by_k(structureless(), clusters=(3,), shuffles=2, repeats=0)
    assert all(warning.startswith("at 3 clusters, ") for warning in scan.warnings)
    assert scan.warnings


@pytest.mark.parametrize("clusters", [(), (1, 2), (4, 4)])
def test_mistakes_are_named(clusters):
    with pytest.raises(ValueError, match="at least 2"):
        clusterability_by_k(structureless(), clusters=clusters, **FEW)


def test_too_many_clusters_are_known_before_the_rest_is_measured(monkeypatch):
    monkeypatch.setattr(import_module("probatum.structure.clusterability"), "null_ncuts", None)
    with pytest.raises(ValueError, match="1000"):
        clusterability_by_k(structureless(), clusters=(2, 1000), **FEW)


def test_the_picture_marks_what_is_significant():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    found = clusterability_by_k(planted(), clusters=(2, 4), **FEW)
    figure, ax = pyplot.subplots()
    assert found.plot(ax) is ax
    filled = [line.get_fillstyle() for line in ax.lines if line.get_marker() == "o"]
    assert filled == ["full" if p < 0.05 else "none" for p in found.bh_p]
    pyplot.close(figure)
