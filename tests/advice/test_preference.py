import matplotlib
import numpy as np
import pytest

from probatum.advice import preference
from probatum.datasets import load_turingadvice_votes

matplotlib.use("Agg")


@pytest.mark.parametrize(
    ("source", "wins", "low", "high"),
    [
        ("retrieval", 4, 0.8, 5.0),
        ("grover-large", 7, 1.7, 7.0),
        ("grover-mega", 8, 2.0, 7.7),
        ("T5-3B", 12, 3.5, 10.2),
        ("T5-11B", 18, 5.8, 13.8),
        ("second_best_reddit_advice", 80, 33.5, 46.9),
    ],
)
def test_first_round(source, wins, low, high):
    result = preference(load_turingadvice_votes()[source], source=source)
    assert (result.wins, result.items, result.raters) == (wins, 200, 3)
    assert (100 * result.low, 100 * result.high) == (
        pytest.approx(low, abs=0.05),
        pytest.approx(high, abs=0.05),
    )


def test_wilson_by_its_formula():
    votes = np.zeros((50, 3), bool)
    votes[:13, :2] = True
    result = preference(votes)
    z, p, n = 1.959963984540054, 13 / 50, 50
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert (result.low, result.high) == (pytest.approx(centre - half), pytest.approx(centre + half))
    assert result.vote_share == pytest.approx(26 / 150)


@pytest.mark.parametrize("wins", [0, 5])
def test_extremes_stay_in_range(wins):
    result = preference(np.repeat([[1]] * wins + [[0]] * (5 - wins), 3, axis=1))
    assert 0 <= result.low <= result.rate == wins / 5 <= result.high <= 1


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([[1, 0]], "odd number of raters"),
        ([1, 0, 1], r"shape \(3,\)"),
        (np.zeros((0, 3)), r"shape \(0, 3\)"),
        ([[1, 0, 2]], "other values than 0 and 1"),
        ([[1, 0, np.nan]], "other values than 0 and 1"),
    ],
)
def test_wrong_votes_are_refused_in_words(votes, message):
    with pytest.raises(ValueError, match=message):
        preference(votes)


def test_result_speaks_and_draws():
    result = preference([[1, 1, 0], [0, 0, 0]], source="a machine")
    assert result.summary().startswith("a machine is preferred to the best human advice in 1 of 2 items (50.0%")
    assert result.plot().lines
    assert result.to_dict()["rate"] == 0.5
