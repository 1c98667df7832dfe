"""One data set made of two: all classes of both, or the first half of one's and the second half of the other's.

Filan et al. 2021, "Clusterability in Neural Networks": does a network that learns two tasks fall into two parts?
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images

Part = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]  # pictures and their classes


def union(first: Images, second: Images) -> Images:
    """Put both data sets together; class k means the k-th class of whichever the picture is from.

    Raises `ValueError` where their pictures differ in size.
    """
    return _joined(first, second, f"{first.name} and {second.name}", None, None)


def separate_classes(first: Images, second: Images) -> Images:
    """Take classes 0 to 4 of the first data set and 5 to 9 of the second.

    Raises `ValueError` where their pictures differ in size, or one has none of its classes.
    """
    name = f"{first.name} 0-4 and {second.name} 5-9"
    return _joined(first, second, name, (0, 5), (5, 10))


def _joined(
    first: Images, second: Images, name: str, of_first: tuple[int, int] | None, of_second: tuple[int, int] | None
) -> Images:
    if first.train_x.shape[1:] != second.train_x.shape[1:]:
        raise ValueError(
            f"pictures of {first.name} are {first.train_x.shape[1:]}, those of {second.name} "
            f"{second.train_x.shape[1:]}; both should have one size"
        )
    train = (_only((first.train_x, first.train_y), of_first), _only((second.train_x, second.train_y), of_second))
    test = (_only((first.test_x, first.test_y), of_first), _only((second.test_x, second.test_y), of_second))
    return Images(
        name=name,
        train_x=np.concatenate([part[0] for part in train]),
        train_y=np.concatenate([part[1] for part in train]),
        test_x=np.concatenate([part[0] for part in test]),
        test_y=np.concatenate([part[1] for part in test]),
    )


def _only(part: Part, classes: tuple[int, int] | None) -> Part:
    if classes is None:
        return part
    pictures, numbers = part
    wanted = (numbers >= classes[0]) & (numbers < classes[1])
    if not wanted.any():
        raise ValueError(
            f"no picture is of the classes {classes[0]} to {classes[1] - 1}; give data sets of ten classes"
        )
    return pictures[wanted], numbers[wanted]
