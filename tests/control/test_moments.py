import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.control.learning.moments import LEAST_SCALE, LIMIT, Moments


def filled(blocks, *, members=1, member=0):
    moments = Moments(members=members, observation=blocks[0].shape[1], standardize=True)
    for block in blocks:
        moments.add(member, block)
    return moments


@settings(max_examples=50, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    shift=st.floats(-1e4, 1e4),
    scale=st.floats(1e-2, 1e3),
    seed=st.integers(0, 99),
)
def test_blocks_make_the_moments_of_all_rows(sizes, shift, scale, seed):
    generator = np.random.default_rng(seed)
    blocks = [(shift + scale * generator.normal(size=(size, 3))).astype(np.float32) for size in sizes]
    rows = np.concatenate(blocks).astype(np.float64)
    moments = filled(blocks)
    assert moments.count == [len(rows)]
    assert moments.mean[0] == pytest.approx(rows.mean(axis=0), rel=1e-9, abs=1e-9)
    assert moments.spread[0] == pytest.approx(rows.var(axis=0) * len(rows), rel=1e-6, abs=1e-6)
    assert moments.shift[0, 0] == pytest.approx(rows.mean(axis=0), rel=1e-6, abs=1e-6)
    assert moments.scale[0, 0] == pytest.approx(np.maximum(rows.std(axis=0), LEAST_SCALE), rel=1e-4)


def test_far_from_zero_nothing_is_lost():
    """At a mean of 1e6 and a deviation of 1, squares summed up would keep no digit of the variance in float32."""
    rows = 1e6 + np.random.default_rng(0).normal(size=(5000, 1))
    moments = filled(np.split(rows, 50))
    assert np.sqrt(moments.spread[0] / 5000) == pytest.approx(rows.std(axis=0), rel=1e-6)


def test_standardized_rows_have_mean_zero_and_deviation_one():
    rows = (5 + 3 * np.random.default_rng(0).normal(size=(1, 400, 2))).astype(np.float32)
    out = np.empty_like(rows)
    filled([rows[0]]).apply(rows, out)
    assert out.mean(axis=1) == pytest.approx(np.zeros((1, 2)), abs=1e-5)
    assert out.std(axis=1) == pytest.approx(np.ones((1, 2)), rel=1e-4)


def test_outliers_are_cut_and_constant_columns_are_zero():
    rows = np.array([[0, 7], [2, 7], [0, 7], [2, 7]], np.float32)
    moments = filled([rows])
    out = np.empty((1, 3, 2), np.float32)
    moments.apply(np.array([[[1e6, 7], [-1e6, 7 + 1e-4], [1.5, 8]]], np.float32), out)
    assert out[0, :, 0] == pytest.approx([LIMIT, -LIMIT, 0.5])
    assert out[0, :, 1] == pytest.approx([0, 0.1, LIMIT], abs=1e-3)


def test_members_have_moments_of_their_own():
    generator = np.random.default_rng(0)
    moments = Moments(members=2, observation=3, standardize=True)
    rows = generator.normal(size=(2, 20, 3))
    moments.add(0, rows[0])
    moments.add(1, 5 + rows[1])
    assert (moments.shift[0] == filled([rows[0]]).shift[0]).all()
    assert (moments.scale[1] == filled([5 + rows[1]]).scale[0]).all()


def test_in_place_is_the_same_and_elsewhere_the_rows_stay():
    rows = np.random.default_rng(0).normal(size=(1, 20, 3)).astype(np.float32)
    moments = filled([2 * rows[0] + 1])
    kept, out = rows.copy(), np.empty_like(rows)
    moments.apply(rows, out)
    assert (rows == kept).all()
    moments.apply(rows, rows)
    assert (rows == out).all()


def test_without_standardizing_rows_pass_as_they_are():
    moments = Moments(members=1, observation=2, standardize=False)
    moments.add(0, np.array([[3.0, 4.0], [5.0, 6.0]]))
    rows, out = np.array([[[1e6, -3]]], np.float32), np.empty((1, 1, 2), np.float32)
    moments.apply(rows, out)
    assert (out == rows).all()
    assert (moments.scale == 1).all()


def test_its_arrays_hold_all_of_it():
    rows = np.random.default_rng(0).normal(size=(20, 3))
    first = filled([rows])
    second = Moments(members=1, observation=3, standardize=True)
    for name in ("count", "mean", "spread"):
        getattr(second, name)[...] = getattr(first, name)
    second.refresh()
    assert (second.shift == first.shift).all()
    assert (second.scale == first.scale).all()
