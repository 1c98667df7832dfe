import matplotlib
import numpy as np
import pytest
from learned_by_hand import policy

from probatum.control.compare_methods import compare_methods, probability_of_improvement
from probatum.control.interquartile_mean import interquartile_mean
from probatum.control.policies_by_seed import policies_by_seed
from probatum.errors import ProbatumError
from probatum.report import report_html

matplotlib.use("Agg")
GOOD, POOR, OTHER = (1.0, 0.9, 0.8, 0.9, 1.0), (0.1, 0.0, 0.3, 0.0, 0.2), (0.5, 0.4, 0.6, 0.5, 0.9)
DOOR = {"id": "AdroitHandDoor-v1", "name": None, "options": {}}


def by_seed(last, *, method="rce", **others):
    return policies_by_seed(
        [policy(seed, (0.0, one), method=method, **others) for seed, one in enumerate(last)], resamples=200
    )


@pytest.fixture(scope="module")
def compared():
    return compare_methods({"rce": by_seed(GOOD), "sqil": by_seed(POOR), "vice": by_seed(OTHER)}, resamples=500)


def test_each_method_has_its_mean_and_interval(compared):
    assert [one.method for one in compared.methods] == ["rce", "sqil", "vice"]
    for one, runs in zip(compared.methods, (GOOD, POOR, OTHER), strict=True):
        assert one.iqm == interquartile_mean(runs)
        assert one.low <= one.iqm <= one.high
        assert (one.runs, one.mean) == (5, pytest.approx(np.mean(runs)))


def test_improvement_is_counted_over_pairs_of_runs(compared):
    first, second, third = compared.methods
    assert (first.better, first.better_low, first.better_high) == (None, None, None)
    assert (second.better, second.better_high) == (0, 0)
    pairs = [(ours > theirs) + 0.5 * (ours == theirs) for ours in OTHER for theirs in GOOD]
    assert third.better == pytest.approx(np.mean(pairs))
    assert third.better_low <= third.better <= third.better_high


def test_improvement_either_way_makes_one():
    ours, theirs = np.random.default_rng(0).integers(0, 4, size=(2, 3, 7)).astype(float)
    there, back = probability_of_improvement([ours], [theirs]), probability_of_improvement([theirs], [ours])
    np.testing.assert_allclose(there + back, 1)


def test_a_method_against_its_equal_is_at_one_half():
    found = compare_methods({"a": by_seed(OTHER), "b": by_seed(OTHER)}).methods[1]
    assert found.better == 0.5
    assert found.better_low < 0.5 < found.better_high


def test_another_method_can_be_the_one_compared_with():
    found = compare_methods({"rce": by_seed(GOOD), "sqil": by_seed(POOR)}, against="sqil")
    assert found.against == "sqil"
    assert found.methods[0].better == 1


def test_tasks_count_alike_and_have_their_rows():
    found = compare_methods(
        {
            "rce": [by_seed(GOOD), by_seed(POOR, environment=DOOR)],
            "sqil": [by_seed(POOR), by_seed(GOOD, environment=DOOR)],
        }
    )
    assert found.tasks == ("probatum/PointRoom-v0", "AdroitHandDoor-v1")
    assert found.methods[0].iqm == found.methods[1].iqm == interquartile_mean([*GOOD, *POOR])
    assert found.methods[1].better == 0.5
    assert (found.methods[1].better_low, found.methods[1].better_high) == (0.5, 0.5)
    assert found.by_task[0] == (interquartile_mean(GOOD), interquartile_mean(POOR))
    assert "on 2 tasks" in found.summary()


def test_the_sentence_and_the_report(compared):
    said = compared.summary()
    assert said.startswith(
        "success at any time of an episode on probatum/PointRoom-v0, interquartile means of runs: rce 0.9"
    )
    assert "above rce with probability 0.00 (0.00 to 0.00)" in said
    page = report_html(compared, title="Methods", facts={}, code="")
    assert page.count("<figure>") == 3
    assert "Probability that a run scores above one of rce" in page


def test_where_success_is_unknown_returns_are_compared():
    unknown = {"success_ever": np.nan, "success_end": np.nan}
    found = compare_methods({"rce": by_seed(GOOD, **unknown), "sqil": by_seed(POOR, **unknown)})
    assert found.score == "return"
    assert found.methods[0].iqm == pytest.approx(10 * interquartile_mean(GOOD))


def test_few_seeds_and_unlike_evaluations_are_warned_of():
    found = compare_methods({"rce": by_seed(GOOD), "sqil": by_seed(POOR[:3], episodes=5)})
    assert found.warnings == (
        "a method has 3 seeds only: intervals of so few are too narrow",
        "evaluations had 10, 5 episodes: some scores are noisier",
    )


@pytest.mark.parametrize(
    ("given", "options", "says"),
    [
        ({}, {}, "nothing to compare"),
        ({"rce": []}, {}, "nothing to compare"),
        ({"rce": by_seed(GOOD)}, {"against": "sqil"}, "against='sqil': no such method was given; there is rce"),
        ({"rce": by_seed(GOOD)}, {"score": "reward"}, "score='reward': give success_ever, success_end, return"),
        (
            {"rce": by_seed(GOOD), "sqil": by_seed(GOOD, environment=DOOR)},
            {},
            "sqil learned on AdroitHandDoor-v1, and rce on probatum/PointRoom-v0",
        ),
        (
            {"rce": by_seed(GOOD), "sqil": by_seed(GOOD, steps=(1.0, 7.0))},
            {},
            "sqil learned 7 steps and rce 2,000: only equal budgets",
        ),
        (
            {"rce": [by_seed(GOOD), by_seed(GOOD, environment=DOOR)]},
            {"score": "return"},
            "returns of several tasks have no common scale",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(given, options, says):
    with pytest.raises(ProbatumError, match=says):
        compare_methods(given, **options)
