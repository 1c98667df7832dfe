import numpy as np
import pytest
from scipy.stats import trim_mean

from probatum.control import stratified_bootstrap
from probatum.control.interquartile_mean import interquartile_mean, middle_means
from probatum.control.stratified_bootstrap import resampled, stratified_interval
from probatum.errors import ProbatumError


@pytest.mark.parametrize("count", range(1, 14))
def test_it_is_the_mean_without_a_quarter_at_each_end(count):
    scores = np.random.default_rng(count).normal(size=count)
    assert interquartile_mean(scores) == pytest.approx(trim_mean(scores, 0.25), abs=1e-12)


def test_one_lucky_and_one_failed_run_do_not_move_it():
    runs = [0.5, 0.52, 0.48, 0.51, 0.49, 0.5]
    assert interquartile_mean([*runs, 1.0, 0.0]) == pytest.approx(interquartile_mean(runs), abs=0.01)


def test_scores_of_all_tasks_are_put_into_one_order():
    assert interquartile_mean([[0.0, 1.0], [0.25, 0.75]]) == interquartile_mean([0.0, 0.25, 0.75, 1.0]) == 0.5


def test_means_along_the_last_axis():
    table = np.random.default_rng(0).random((3, 5, 9))
    expected = [[interquartile_mean(row) for row in rows] for rows in table]
    np.testing.assert_allclose(middle_means(table), expected)


def test_the_interval_of_two_runs_is_known():
    """Drawn again, both are the lower one with probability 1/4, and both the upper one with 1/4."""
    assert stratified_interval([[0.0, 1.0]], confidence=0.4) == (0.5, 0.5)
    assert stratified_interval([[0.0, 1.0]], confidence=0.6) == (0.0, 1.0)
    assert stratified_interval([[0.0, 1.0]], confidence=0.4, statistic=lambda block: block.max(axis=1)) == (1.0, 1.0)
    assert stratified_interval([[0.0, 1.0]], confidence=0.6, statistic=lambda block: block.max(axis=1)) == (0.0, 1.0)


def test_the_interval_covers_as_it_says_for_many_runs():
    generator = np.random.default_rng(0)
    seen = [stratified_interval([generator.normal(size=30)], resamples=300, seed=n) for n in range(200)]
    assert 0.88 <= np.mean([low <= 0 <= high for low, high in seen]) <= 0.99


def test_tasks_that_differ_widen_nothing():
    """Each task's runs are drawn by themselves, so that what lies between tasks is no doubt about the method."""
    runs = np.random.default_rng(0).random(10) / 10
    low, high = stratified_interval([runs, runs + 5], statistic=lambda block: block.mean(axis=1))
    assert 0 < high - low < 0.05
    together = stratified_interval([np.concatenate([runs, runs + 5])], statistic=lambda block: block.mean(axis=1))
    assert together[1] - together[0] > 1


def test_equal_seeds_draw_equally_and_others_do_not():
    runs = np.random.default_rng(0).random(8)
    assert stratified_interval([runs], seed=3) == stratified_interval([runs], seed=3)
    assert stratified_interval([runs], seed=3) != stratified_interval([runs], seed=4)


def test_resamples_come_in_blocks_that_fit_into_memory(monkeypatch):
    monkeypatch.setattr(stratified_bootstrap, "AT_ONCE", 64)
    blocks = list(resampled([np.arange(3.0), np.arange(5.0) + 10], resamples=20, seed=0))
    assert [block[0].shape for block in blocks] == [(8, 3), (8, 3), (4, 3)]
    assert all(block[0].max() < 3 and block[1].min() >= 10 for block in blocks)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: interquartile_mean([]), "no scores"),
        (lambda: interquartile_mean([0.5, np.nan]), "score 1 is nan"),
        (lambda: stratified_interval([[0.5], [np.inf]]), "score 0 is inf"),
        (lambda: stratified_interval([]), "no tasks"),
        (lambda: stratified_interval([[0.5], []]), "no scores"),
        (lambda: stratified_interval([[0.5]], confidence=95), "confidence=95: give a number between 0 and 1"),
        (lambda: stratified_interval([[0.5]], resamples=0), "resamples=0"),
    ],
)
def test_what_has_no_score_is_said(call, says):
    with pytest.raises(ProbatumError, match=says):
        call()
