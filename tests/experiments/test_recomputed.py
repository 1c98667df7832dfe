import pytest

from probatum.experiments.advice_preference_rate import advice_preference_rate
from probatum.experiments.family_in_branch import family_in_branch

CURVES = [
    "Curves",
    "Curves misc.",
    "Shallow Curves",
    "Curve Shapes",
    "Circles / Loops",
    "Double Curves",
    "Evolute",
]


def test_colour_units_of_mixed3a():
    metrics = family_in_branch(seed=0, layer="mixed3a", families=["BW vs Color"], branch="5x5")
    assert (metrics["seen"], metrics["of"], metrics["cells"]) == (9, 9, 72)
    assert metrics["p"] == pytest.approx(2.48e-9, rel=2e-3)
    assert metrics["holm_p"] == pytest.approx(72 * metrics["p"])


def test_curve_units_of_mixed3b_are_one_family_here():
    metrics = family_in_branch(seed=0, layer="mixed3b", families=CURVES, branch="5x5")
    assert (metrics["seen"], metrics["of"], metrics["expected"], metrics["cells"]) == (30, 30, 6, 112)
    assert metrics["p"] == pytest.approx(1.68e-23, rel=2e-3)


def test_all_fur_is_not_enriched():
    metrics = family_in_branch(seed=0, layer="mixed3b", families=["Generic, Oriented Fur", "Other Fur"], branch="5x5")
    assert (metrics["seen"], metrics["of"]) == (7, 20)
    assert metrics["p"] == pytest.approx(0.08, abs=0.005)


@pytest.mark.parametrize("families", [[], ["Curved"], "Curves"])
def test_unknown_family_lists_the_known_ones(families):
    with pytest.raises(ValueError, match=r"give a list of families of mixed3b, .*'Boundary'"):
        family_in_branch(seed=0, layer="mixed3b", families=families, branch="5x5")


def test_unknown_branch():
    with pytest.raises(ValueError, match="the groups '1x1', '3x3', '5x5', 'pool'"):
        family_in_branch(seed=0, layer="mixed3a", families=["Curves"], branch="7x7")


@pytest.mark.parametrize(
    ("source", "rate"), [("T5-11B", 0.09), ("grover-mega", 0.04), ("second_best_reddit_advice", 0.4)]
)
def test_rates_of_the_first_round(source, rate):
    metrics = advice_preference_rate(seed=0, source=source)
    assert metrics["rate"] == rate == metrics["wins"] / metrics["n"]
    assert metrics["low"] < rate < metrics["high"]


def test_source_of_another_round():
    with pytest.raises(ValueError, match=r"'GPT-3' had no votes in the first round; give one of T5-11B, "):
        advice_preference_rate(seed=0, source="GPT-3")
