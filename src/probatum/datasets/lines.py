"""Pictures of vertical lines, to be counted: every column matters, and none more than another.

Filan et al. 2021, "Clusterability in Neural Networks": 1 to 10 distinct vertical lines.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images

MOST = 10


def lines(*, train: int = 60_000, test: int = 10_000, side: int = 28, seed: int) -> Images:
    """Draw pictures of `side` pixels square with 1 to 10 white columns on black; the class is the count minus one.

    Every count is as likely as the others, and every set of columns of that count. Raises `ValueError` where the
    side has no room for ten lines or a part is empty.
    """
    if side < MOST or min(train, test) < 1:
        raise ValueError(f"{train} and {test} pictures of {side} pixels: give at least one of each, {MOST} pixels wide")
    rng = np.random.default_rng(seed)
    x, y = _draw(train + test, side, rng)
    return Images(name="lines", train_x=x[:train], train_y=y[:train], test_x=x[train:], test_y=y[train:])


def _draw(count: int, side: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    classes = rng.integers(MOST, size=count)
    ranks = rng.random((count, side)).argsort(axis=1).argsort(axis=1)  # a random order of the columns of each picture
    columns = np.where(ranks <= classes[:, None], 255, 0).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(columns[:, None, :, None], (count, side, side, 1))), classes
