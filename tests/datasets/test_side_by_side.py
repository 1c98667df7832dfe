import numpy as np
import pytest

from probatum.datasets.images import Images
from probatum.datasets.side_by_side import side_by_side
from probatum.datasets.smaller_pictures import smaller_pictures


def numbered(width=4):
    """Every picture is of one grey, which names it: picture n is all 2 n, its class n modulo 5."""
    shades = (2 * np.arange(60, dtype=np.uint8))[:, None, None, None]
    x = np.broadcast_to(shades, (60, 4, width, 1)).copy()
    y = np.arange(60) % 5
    return Images(name="numbered", train_x=x[:40], train_y=y[:40], test_x=x[40:], test_y=y[40:])


def halves(images, part="train"):
    x = getattr(images, f"{part}_x")
    return x[:, 0, 0, 0] // 2, x[:, 0, -1, -1] // 2


@pytest.mark.parametrize("layout", ["halves", "stacked"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_sum_of_both_classes_or_their_common_class(layout, part):
    different = side_by_side(numbered(), pairing=f"{layout}_diff", seed=0)
    first, second = halves(different, part)
    assert np.array_equal(getattr(different, f"{part}_y"), (first + second) % 5)
    same = side_by_side(numbered(), pairing=f"{layout}_same", seed=0)
    first, second = halves(same, part)
    assert np.array_equal(getattr(same, f"{part}_y"), first % 5)
    assert np.array_equal(first % 5, second % 5)


def test_every_picture_stands_once_on_each_side_and_parts_do_not_mix():
    for pairing in ("halves_same", "halves_diff"):
        made = side_by_side(numbered(), pairing=pairing, seed=1)
        for side in halves(made):
            assert sorted(side) == list(range(40))
        for side in halves(made, "test"):
            assert sorted(side) == list(range(40, 60))


def test_shapes():
    assert side_by_side(numbered(), pairing="halves_same", seed=0).train_x.shape == (40, 4, 4, 1)
    assert side_by_side(numbered(), pairing="stacked_same", seed=0).train_x.shape == (40, 4, 4, 2)


def test_halves_are_means_of_neighbouring_columns():
    images = numbered()
    images.train_x[:, :, 0] = 10
    images.train_x[:, :, 1] = 21
    made = side_by_side(images, pairing="halves_diff", seed=0)
    assert (made.train_x[:, :, 0] == 16).all()
    assert (made.train_x[:, :, 2] == 16).all()


def test_the_seed_decides_the_pairs():
    made = [side_by_side(numbered(), pairing="halves_diff", seed=seed).train_x for seed in (0, 0, 1)]
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_what_cannot_be_paired():
    with pytest.raises(ValueError, match="give halves_same, halves_diff, stacked_same or stacked_diff"):
        side_by_side(numbered(), pairing="halves", seed=0)
    with pytest.raises(ValueError, match="pictures are 5 wide; halves need an even width"):
        side_by_side(numbered(5), pairing="halves_same", seed=0)


def test_smaller_pictures_are_means_of_squares():
    images = numbered()
    images.train_x[0, :2, :2, 0] = [[0, 1], [2, 4]]
    made = smaller_pictures(images, factor=2)
    assert made.train_x.shape == (40, 2, 2, 1)
    assert made.train_x[0, 0, 0, 0] == 2
    assert (made.train_x[7] == 14).all()
    assert smaller_pictures(images, factor=1) is images
    with pytest.raises(ValueError, match="4 by 4 pixels cannot be shrunk by 3"):
        smaller_pictures(images, factor=3)
