import numpy as np
import pytest

from probatum.datasets import Images, load_images


def some(**changes):
    rng = np.random.default_rng(0)
    arrays = {
        "train_x": rng.integers(0, 256, (6, 8, 8, 1), dtype=np.uint8),
        "train_y": np.arange(6) % 3,
        "test_x": rng.integers(0, 256, (2, 8, 8, 1), dtype=np.uint8),
        "test_y": np.array([0, 3]),
    }
    return Images(name="some", **(arrays | changes))


def test_classes_are_counted_over_both_parts():
    assert some().classes == 4


def test_rotated_turns_each_picture_and_four_turns_are_none():
    images = some()
    turned = images.rotated()
    assert np.array_equal(turned.train_x[2], np.rot90(images.train_x[2]))
    assert np.array_equal(turned.rotated().rotated().rotated().test_x, images.test_x)


def test_subset_keeps_pictures_with_their_classes_and_leaves_the_test_alone():
    images = some()
    part = images.subset(4, seed=1)
    places = [next(i for i in range(6) if np.array_equal(images.train_x[i], x)) for x in part.train_x]
    assert len(set(places)) == 4
    assert np.array_equal(part.train_y, images.train_y[places])
    assert part.test_x is images.test_x
    assert np.array_equal(images.subset(4, seed=1).train_x, part.train_x)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_x": np.zeros((6, 8, 8), np.uint8)}, r"train_x is uint8 of shape \(6, 8, 8\)"),
        ({"test_x": np.zeros((2, 8, 8, 1))}, "test_x is float64"),
        ({"train_y": np.arange(5)}, r"train_y is int64 of shape \(5,\)"),
        ({"test_y": np.array([-1, 0])}, "none negative"),
        ({"test_x": np.zeros((2, 9, 9, 1), np.uint8)}, "one size"),
    ],
)
def test_wrong_arrays_are_refused_in_words(changes, message):
    with pytest.raises(ValueError, match=message):
        some(**changes)


@pytest.mark.parametrize("count", [0, 7])
def test_subset_of_more_than_there_is(count):
    with pytest.raises(ValueError, match="give 1 to 6"):
        some().subset(count, seed=0)


def test_digits_come_with_scikit_learn():
    digits = load_images("digits")
    assert digits.train_x.shape == (1500, 8, 8, 1)
    assert digits.test_x.shape == (297, 8, 8, 1)
    assert (digits.train_x.min(), digits.train_x.max(), digits.classes) == (0, 255, 10)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="'mnist' is not known; give one of cifar10, digits, fashion_mnist"):
        load_images("mnist")
