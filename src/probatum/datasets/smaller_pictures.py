"""The same pictures with fewer pixels, so that a network on them trains in a fraction of the time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images


def smaller_pictures(images: Images, *, factor: int) -> Images:
    """Replace each square of `factor` by `factor` pixels by its mean, rounded; the name gets the new size.

    Raises `ValueError` where the factor does not divide height and width.
    """
    height, width = images.train_x.shape[1:3]
    if factor < 1 or height % factor or width % factor:
        raise ValueError(f"{images.name}: {height} by {width} pixels cannot be shrunk by {factor}; give a divisor")
    if factor == 1:
        return images
    return replace(
        images,
        name=f"{images.name}, {height // factor} by {width // factor}",
        train_x=_shrunk(images.train_x, factor),
        test_x=_shrunk(images.test_x, factor),
    )


def _shrunk(x: npt.NDArray[np.uint8], factor: int) -> npt.NDArray[np.uint8]:
    count, height, width, channels = x.shape
    squares = x.reshape(count, height // factor, factor, width // factor, factor, channels)
    sums = squares.sum(axis=(2, 4), dtype=np.uint32)
    shrunk: npt.NDArray[np.uint8] = ((sums + factor**2 // 2) // factor**2).astype(np.uint8)
    return shrunk
