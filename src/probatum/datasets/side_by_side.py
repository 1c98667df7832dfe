"""Two pictures in one: side by side or as two channels, of the same class or with a label that needs both.

Filan et al. 2021, "Clusterability in Neural Networks": halves that need not talk to each other until the end
should give a network more separate clusters.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images

Pairing = Literal["halves_same", "halves_diff", "stacked_same", "stacked_diff"]
Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


def side_by_side(images: Images, *, pairing: Pairing, seed: int) -> Images:
    """Return as many pictures as before, each made of two drawn at random from the same part.

    `halves_*`: each of the two is squeezed to half its width (mean of neighbouring columns) and they stand side by
    side; `stacked_*`: they become the channels, one after the other. `*_same`: both have one class, which is the
    label; `*_diff`: they are drawn independently and the label is the sum of their classes, modulo the number of
    classes. Training and test pictures are paired among themselves. Raises `ValueError` for another pairing, or
    for halves of pictures of odd width.
    """
    layout, _, label = pairing.partition("_")
    if layout not in {"halves", "stacked"} or label not in {"same", "diff"}:
        raise ValueError(f"pairing {pairing!r}: give halves_same, halves_diff, stacked_same or stacked_diff")
    if layout == "halves" and images.train_x.shape[2] % 2:
        raise ValueError(f"{images.name}: pictures are {images.train_x.shape[2]} wide; halves need an even width")
    rng = np.random.default_rng(seed)
    train = _pair(images.train_x, images.train_y, images.classes, layout, label, rng)
    test = _pair(images.test_x, images.test_y, images.classes, layout, label, rng)
    return Images(name=f"{images.name}_{pairing}", train_x=train[0], train_y=train[1], test_x=test[0], test_y=test[1])


def _pair(x: Bytes, y: Labels, classes: int, layout: str, label: str, rng: np.random.Generator) -> tuple[Bytes, Labels]:
    first = rng.permutation(len(x))
    second = _same_class(y, first, rng) if label == "same" else rng.permutation(len(x))
    labels = y[first] if label == "same" else (y[first] + y[second]) % classes
    if layout == "stacked":
        return np.concatenate([x[first], x[second]], axis=3), labels
    half = _squeezed(x)
    return np.concatenate([half[first], half[second]], axis=2), labels


def _same_class(y: Labels, first: Labels, rng: np.random.Generator) -> Labels:
    """For each of `first` a picture of its class, every picture used once."""
    second = np.empty_like(first)
    for number in np.unique(y):
        places = np.flatnonzero(y[first] == number)
        second[places] = rng.permutation(first[places])
    return second


def _squeezed(x: Bytes) -> Bytes:
    """Half as wide: the mean of each two neighbouring columns, rounded."""
    wide = x.astype(np.uint16)
    return ((wide[:, :, 0::2] + wide[:, :, 1::2] + 1) // 2).astype(np.uint8)
