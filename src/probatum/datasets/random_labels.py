"""Data with nothing to learn, only to memorize: true pictures with random classes, or random pixels.

Zhang et al. 2017, "Understanding deep learning requires rethinking generalization", section 2; Filan et al. 2021,
"Clusterability in Neural Networks", for random pixels and labels together.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from probatum.datasets.images import Images


def with_random_labels(images: Images, *, seed: int) -> Images:
    """Give every picture, training and test, a class drawn at random, each as likely as the others."""
    rng = np.random.default_rng(seed)
    train, test = (rng.integers(images.classes, size=len(part)) for part in (images.train_y, images.test_y))
    return replace(images, name=f"{images.name} with random labels", train_y=train, test_y=test)


def random_pixels(
    *, train: int = 60_000, test: int = 10_000, side: int = 28, channels: int = 1, classes: int = 10, seed: int
) -> Images:
    """Draw every pixel uniformly from 0 to 255 and every class at random.

    Raises `ValueError` for an empty part, picture or class list.
    """
    if min(train, test, side, channels, classes) < 1:
        raise ValueError(
            f"{train} and {test} pictures of {side} pixels with {channels} channels in {classes} classes: "
            "give at least one of each"
        )
    rng = np.random.default_rng(seed)
    x = rng.integers(256, size=(train + test, side, side, channels), dtype=np.uint8)
    y = rng.integers(classes, size=train + test)
    return Images(name="random pixels", train_x=x[:train], train_y=y[:train], test_x=x[train:], test_y=y[train:])
