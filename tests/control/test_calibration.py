import json
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from walking_policies import to_the_disc, to_the_right

from probatum.control.calibration import calibrate
from probatum.control.environments.point_room import PointRoom
from probatum.control.rollouts import play
from probatum.control.wilson_interval import wilson_interval
from probatum.errors import ProbatumError
from probatum.report import report_html

matplotlib.use("Agg")

PLAYED = play(to_the_right(), env_fn=PointRoom, episodes=60)


def episodes(scores, outcomes):
    """Rollouts with these scores at the start and these outcomes."""
    outcomes = np.asarray(outcomes, float)
    return replace(
        PLAYED,
        episodes=len(outcomes),
        first_score=np.asarray(scores, float),
        success_ever=outcomes,
        success_end=outcomes,
    )


def drawn(count, seed=0, slope=2.0):
    """Scores of which outcomes follow by a known probability: sigmoid(slope * score)."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=count)
    probability = 1 / (1 + np.exp(-slope * scores))
    return episodes(scores, rng.random(count) < probability), probability


def test_map_and_scores_by_hand():
    outcomes = np.array([0, 0, 1, 0, 0, 1, 1, 0, 1, 1])
    found = calibrate(episodes(range(10), outcomes))
    assert found.levels == pytest.approx([0, 0, *[1 / 3] * 3, *[2 / 3] * 3, 1, 1])
    assert found.probability([1.25, 4.5]) == pytest.approx([1 / 12, 1 / 2])
    assert found.brier == pytest.approx(((found.foretold - outcomes) ** 2).mean())
    assert found.gain == pytest.approx(found.constant_brier - found.brier)
    assert found.auc == pytest.approx((2 + 4 + 4 + 5 + 5) / 25)


def test_no_episode_has_a_part_in_what_is_foretold_of_it():
    """Whatever becomes of an episode, the same is foretold of it."""
    scores, outcomes = np.arange(40.0), np.random.default_rng(0).integers(0, 2, 40)
    before = calibrate(episodes(scores, outcomes)).foretold
    for episode in range(0, 40, 7):
        turned = outcomes.copy()
        turned[episode] = 1 - turned[episode]
        assert calibrate(episodes(scores, turned)).foretold[episode] == before[episode]


def test_auc_counts_pairs_and_ties_as_half():
    rng = np.random.default_rng(0)
    scores, outcomes = rng.integers(0, 5, 40), rng.integers(0, 2, 40)
    pairs = [(s > f) + 0.5 * (s == f) for s in scores[outcomes == 1] for f in scores[outcomes == 0]]
    assert calibrate(episodes(scores, outcomes)).auc == pytest.approx(np.mean(pairs))


def test_the_map_is_that_of_another_implementation():
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(1)
    scores, outcomes = rng.integers(0, 30, 200).astype(float), rng.integers(0, 2, 200)
    found = calibrate(episodes(scores, outcomes))
    theirs = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, outcomes)
    at = np.linspace(-3, 33, 200)
    assert found.probability(at) == pytest.approx(theirs.predict(at))
    assert (np.diff(found.levels) >= 0).all()


def test_a_known_probability_is_found():
    rollouts, probability = drawn(1_000)
    found = calibrate(rollouts)
    best = (probability * (1 - probability)).mean()  # of whoever knows the probability itself
    assert np.abs(found.probability(rollouts.first_score) - probability).mean() < 0.05
    assert best - 0.02 < found.brier < best + 0.02
    assert found.brier_low < found.brier < found.brier_high
    assert found.gain_low > 0
    assert "tells more than the rate" in found.summary()
    assert ((found.bin_low <= found.bin_foretold) & (found.bin_foretold <= found.bin_high)).sum() >= 4


def test_probabilities_have_the_shape_of_the_scores_and_stay_at_the_ends():
    found = calibrate(drawn(100)[0])
    assert found.probability(1e9) == found.levels[-1]
    assert found.probability([[-1e9]]).tolist() == [[found.levels[0]]]


def test_a_score_that_says_nothing_is_not_better_than_the_rate():
    gains = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = calibrate(episodes(rng.normal(size=100), rng.random(100) < 0.5), seed=seed)
        gains.append(found.gain_low > 0)
    assert sum(gains) <= 2
    assert "not shown to tell more" in found.summary() or "tells less" in found.summary()


def test_the_interval_covers_the_brier_score():
    truth = calibrate(drawn(1_500, seed=99)[0]).brier
    covered = [
        found.brier_low <= truth <= found.brier_high for found in (calibrate(drawn(80, s)[0]) for s in range(40))
    ]
    assert np.mean(covered) >= 0.8


def test_a_score_that_never_differs_is_the_rate():
    found = calibrate(episodes(np.zeros(20), [1] * 15 + [0] * 5))
    assert found.levels.tolist() == [0.75]
    assert found.brier == pytest.approx(found.constant_brier)
    assert found.auc == 0.5


@pytest.mark.parametrize(("outcome", "words"), [(1, "all of 20 episodes succeed"), (0, "none of 20 episodes")])
def test_one_outcome_alone_cannot_be_told_from_another(outcome, words):
    found = calibrate(episodes(range(20), [outcome] * 20))
    assert words in found.summary()
    assert np.isnan(found.auc)
    assert found.probability([3.5]).tolist() == [outcome]
    assert found.bin_count.tolist() == [20]


def test_episodes_of_the_room():
    found = calibrate(PLAYED)
    assert found.auc > 0.95  # the score is the distance from the right height
    assert found.gain_low > 0
    assert calibrate(PLAYED, outcome="end").rate == 0


def test_a_seed_decides_the_intervals():
    rollouts = drawn(60)[0]
    first, second, third = (calibrate(rollouts, seed=seed) for seed in (1, 1, 2))
    assert (first.brier_low, first.gain_high) == (second.brier_low, second.gain_high)
    assert first.brier_low != third.brier_low


def test_bins_hold_all_episodes():
    found = calibrate(drawn(200)[0], bins=10)
    assert found.bin_count.sum() == 200
    assert len(found.bin_rate) <= 10
    low, high = wilson_interval(found.bin_rate[0] * found.bin_count[0], int(found.bin_count[0]))
    assert (found.bin_low[0], found.bin_high[0]) == (low, high)


@pytest.mark.parametrize(
    ("rollouts", "options", "message"),
    [
        (episodes(range(9), [0, 1, 1] * 3), {}, "9 episodes: a calibration needs at least 10"),
        (episodes([np.nan] * 10, [0, 1] * 5), {}, "no scores to calibrate"),
        (episodes(range(10), [np.nan, 1] * 5), {}, "of 5 of 10 episodes it is not known"),
        (PLAYED, {"outcome": "never"}, "'ever' or 'end' would be right"),
        (PLAYED, {"bins": 0}, "0 bins"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_in_words(rollouts, options, message):
    with pytest.raises(ProbatumError, match=message):
        calibrate(rollouts, **options)


def test_the_result_is_plain_and_draws_and_makes_a_page():
    found = calibrate(PLAYED)
    assert json.loads(json.dumps(found.to_dict()))["episodes"] == 60
    assert found.plot().lines
    page = report_html(found, title="Calibration", facts={}, code="")
    assert page.count("<svg") == 2


@pytest.mark.parametrize(
    ("successes", "trials", "expected"), [(0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (5, 10, (0.2366, 0.7634))]
)
def test_wilson_intervals_of_the_literature(successes, trials, expected):
    assert wilson_interval(successes, trials) == pytest.approx(expected, abs=1e-4)


def test_wilson_intervals_are_those_of_scipy():
    from scipy.stats import binomtest

    for trials in (1, 7, 200):
        for successes in range(0, trials + 1, 1 + trials // 7):
            theirs = binomtest(successes, trials).proportion_ci(method="wilson")
            assert wilson_interval(successes, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert np.isnan(wilson_interval(0, 0)).all()


def test_a_policy_that_always_succeeds_gives_the_rate():
    rollouts = play(to_the_disc(), env_fn=PointRoom, episodes=10)
    assert "95 % interval of the rate 72% to 100%" in calibrate(rollouts).summary()
