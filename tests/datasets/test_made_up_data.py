"""Data that are made, not loaded: polynomials, lines, mixtures, random labels."""

import numpy as np
import pytest

from probatum.datasets.images import Images
from probatum.datasets.lines import lines
from probatum.datasets.mixtures import separate_classes, union
from probatum.datasets.polynomials import polynomials
from probatum.datasets.random_labels import random_pixels, with_random_labels


def pictures(value, classes):
    x = np.full((len(classes), 4, 4, 1), value, np.uint8)
    y = np.array(classes, np.int64)
    return Images(name=f"all {value}", train_x=x, train_y=y, test_x=x[:3], test_y=y[:3])


def test_polynomials_have_the_binary_digits_of_their_number_as_coefficients():
    data = polynomials(train=20, test=5, seed=1)
    x, y = data.train_x.astype(float).T
    assert data.train_y.shape == (20, 512)
    assert data.test_y.shape == (5, 512)
    np.testing.assert_allclose(data.train_y[:, 0], 0)
    np.testing.assert_allclose(data.train_y[:, 1], 1)
    np.testing.assert_allclose(data.train_y[:, 0b100010], y + x**1 * y**2, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(data.train_y[:, 1 << 8], x**2 * y**2, rtol=1e-5, atol=1e-6)


def test_lines_are_whole_columns_and_as_many_as_the_class_says():
    data = lines(train=400, test=10, seed=0)
    columns = data.train_x[:, 0, :, 0]
    assert (data.train_x == columns[:, None, :, None]).all()
    np.testing.assert_array_equal((columns == 255).sum(axis=1), data.train_y + 1)
    assert set(np.unique(columns)) == {0, 255}
    assert set(data.train_y) == set(range(10))
    assert columns[:, :14].mean() == pytest.approx(columns[:, 14:].mean(), rel=0.1)


def test_mixtures_take_the_classes_they_say():
    first, second = pictures(1, [0, 3, 4, 5, 9]), pictures(2, [0, 3, 5, 8, 9])
    first, second = (Images(**(vars(d) | {"test_x": d.train_x, "test_y": d.train_y})) for d in (first, second))
    both = union(first, second)
    assert len(both.train_x) == 10
    mixed = separate_classes(first, second)
    assert mixed.train_y.tolist() == [0, 3, 4, 5, 8, 9]
    assert mixed.train_x[:, 0, 0, 0].tolist() == [1, 1, 1, 2, 2, 2]


def test_mixtures_refuse_pictures_of_two_sizes():
    with pytest.raises(ValueError, match="one size"):
        union(pictures(1, [0]), lines(train=2, test=2, seed=0))
    with pytest.raises(ValueError, match="classes 5 to 9"):
        separate_classes(pictures(1, [0, 1, 2]), pictures(2, [0, 1, 2]))


def test_random_labels_leave_the_pictures_and_forget_the_classes():
    data = lines(train=3000, test=10, seed=0)
    shuffled = with_random_labels(data, seed=1)
    assert shuffled.train_x is data.train_x
    assert (shuffled.train_y == data.train_y).mean() == pytest.approx(0.1, abs=0.03)
    again = with_random_labels(data, seed=1)
    np.testing.assert_array_equal(again.train_y, shuffled.train_y)


def test_random_pixels_use_the_whole_range():
    data = random_pixels(train=50, test=2, side=8, channels=3, seed=0)
    assert data.train_x.shape == (50, 8, 8, 3)
    assert (data.train_x.min(), data.train_x.max()) == (0, 255)
    with pytest.raises(ValueError, match="at least one"):
        random_pixels(train=0, seed=0)
