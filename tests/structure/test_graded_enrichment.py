import matplotlib
import numpy as np
import pytest
from scipy.stats import kruskal, mannwhitneyu

from probatum.structure.change_point import change_point
from probatum.structure.graded_enrichment import graded_enrichment

matplotlib.use("Agg")


def test_it_is_kruskal_and_mann_whitney_with_ties():
    rng = np.random.default_rng(0)
    scores, groups = rng.integers(0, 12, 75), np.repeat(list("abc"), 25)
    found = graded_enrichment(scores, groups=groups.tolist())
    parts = [scores[groups == name] for name in "abc"]
    h, p = kruskal(*parts)
    assert found.kruskal == pytest.approx(h)
    assert found.epsilon_squared == pytest.approx(h / 74)
    assert found.p == pytest.approx(p, abs=0.04)
    for name, part in zip("abc", parts, strict=True):
        u, p = mannwhitneyu(part, scores[groups != name])
        assert found.group(name).auc == pytest.approx(u / (25 * 50))
        assert found.group(name).p == pytest.approx(p, abs=0.04)
        assert found.group(name).median == np.median(part)


def test_chance_values_are_those_of_shuffling():
    rng = np.random.default_rng(1)
    groups = ["x"] * 48 + ["y"] * 48
    found = [graded_enrichment(rng.normal(size=96), groups=groups, shuffles=300, seed=n) for n in range(100)]
    assert np.mean([one.epsilon_squared for one in found]) == pytest.approx(1 / 95, abs=0.006)
    assert np.mean([one.separation for one in found]) == pytest.approx(found[0].chance_separation, abs=0.012)
    assert np.mean([one.separation_p < 0.1 for one in found]) == pytest.approx(0.1, abs=0.09)


def test_two_groups_apart():
    found = graded_enrichment(np.arange(20), groups=["x"] * 10 + ["y"] * 10, shuffles=199, seed=1)
    assert (found.separation, found.group("y").auc, found.group("x").auc) == (0.5, 1.0, 0.0)
    assert found.p == found.separation_p == 1 / 200
    assert "y stands out most" in found.summary() or "x stands out most" in found.summary()
    assert found.plot().lines
    with pytest.raises(ValueError, match="there are x, y"):
        found.group("z")


@pytest.mark.parametrize(
    ("scores", "groups"),
    [([1.0, 2], ["a"]), ([1.0, np.nan], ["a", "b"]), ([1.0, 2], ["a", "a"]), ([1.0, 1], ["a", "b"])],
)
def test_mistakes(scores, groups):
    with pytest.raises(ValueError, match=r"units|NaN|two groups"):
        graded_enrichment(scores, groups=groups)


def test_planted_change_is_found_where_it_is():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=96)
    scores[48:] += 4
    found = change_point(scores)
    assert abs(found.index - 48) <= 1
    assert found.z > 8
    assert found.auc > 0.97
    assert found.p == 1 / 2000
    behind, before = scores[found.index :], scores[: found.index]
    assert found.auc == pytest.approx(mannwhitneyu(behind, before).statistic / len(behind) / len(before))
    assert f"between units {found.index - 1} and {found.index}" in found.summary()
    assert found.plot().lines
    assert change_point(-scores).z == pytest.approx(-found.z)


def test_a_change_in_noise_is_rarely_called_one():
    rng = np.random.default_rng(2)
    p = [change_point(rng.normal(size=40), shuffles=199).p for _ in range(100)]
    assert sum(value <= 0.05 for value in p) <= 12


@pytest.mark.parametrize("scores", [np.arange(8.0), np.zeros(20), [np.inf] + [0.0] * 20, np.zeros((20, 2))])
def test_no_change_point_of_these(scores):
    with pytest.raises(ValueError, match=r"give"):
        change_point(scores)
