"""The interval against scipy's Student distribution."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from probatum.claims.interval import interval, student_quantile


@pytest.mark.parametrize("freedom", [*range(1, 40), 99, 100, 2000])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_quantile(freedom, confidence):
    assert student_quantile(freedom, confidence) == pytest.approx(stats.t.ppf((1 + confidence) / 2, freedom), rel=1e-9)


def test_interval_is_scipys():
    values = [9.87, 9.91, 9.6, 10.2, 9.99]
    mean, low, high = interval(values)
    t = stats.t.interval(0.95, 4, loc=sum(values) / 5, scale=stats.sem(values))
    assert (low, high) == pytest.approx(t)
    assert mean == pytest.approx(sum(values) / 5)


def test_equal_values_leave_no_doubt():
    assert interval([0.1] * 3) == (0.1, 0.1, 0.1)


@given(st.lists(st.floats(), min_size=2, max_size=6))
def test_any_numbers(values):
    mean, low, high = interval(values)
    assert low <= mean <= high or all(map(math.isnan, (mean, low, high)))
