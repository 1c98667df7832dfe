"""How a model wants its pictures: red, green and blue from 0 to 1 turned into what it was trained on, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
PHOTOGRAPH = (0.5, 0.25)  # mean and standard deviation of a photograph's values, about


@dataclass(frozen=True, kw_only=True, eq=False)
class InputScale:
    """The model reads (picture - mean) / std, channel by channel; both of shape (channels,)."""

    mean: Numbers
    std: Numbers

    def to_model(self, pictures: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Turn pictures (n, height, width, 3), 0 to 1, into inputs (n, channels, height, width)."""
        seen = pictures.mean(axis=-1, keepdims=True) if len(self.mean) == 1 else pictures
        return np.ascontiguousarray(((seen - self.mean) / self.std).transpose(0, 3, 1, 2), np.float32)

    def without_colour(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return inputs with each pixel's mean over channels in every channel, taken before the scaling."""
        shape = (1, -1, 1, 1)
        pictures = inputs * self.std.reshape(shape) + self.mean.reshape(shape)
        grey = (pictures.mean(axis=1, keepdims=True) - self.mean.reshape(shape)) / self.std.reshape(shape)
        return np.ascontiguousarray(grey, np.float32)


def input_scale(
    channels: int, *, mean: Sequence[float] | None, std: Sequence[float] | None, inputs: npt.NDArray[Any] | None
) -> InputScale:
    """Return the scale that is given, or else the one that makes an ordinary photograph look like `inputs`.

    `mean`, `std`: by which pictures from 0 to 1 were scaled for training, one number a channel, in the model's order.
    Without them and without `inputs`, shape (n, channels, height, width), 0.5 and 0.25. Raises `ValueError` where only
    one is given, the lengths are not `channels` or a std is not positive.
    """
    if (mean is None) != (std is None):
        raise ValueError(f"mean {mean} and std {std}: give both or neither")
    if mean is not None and std is not None:
        centre, spread = np.asarray(mean, np.float64), np.asarray(std, np.float64)
        if centre.shape != (channels,) or spread.shape != (channels,) or not (spread > 0).all():
            raise ValueError(f"mean {mean} and std {std}: give {channels} numbers each, std above 0")
        return InputScale(mean=centre, std=spread)
    if inputs is None:
        return InputScale(mean=np.full(channels, PHOTOGRAPH[0]), std=np.full(channels, PHOTOGRAPH[1]))
    centre = inputs.mean(axis=(0, 2, 3), dtype=np.float64)
    spread = np.maximum(inputs.std(axis=(0, 2, 3), dtype=np.float64), 1e-12)
    # a picture's standard deviation becomes that of the inputs, its mean theirs
    std_given = PHOTOGRAPH[1] / spread
    return InputScale(mean=PHOTOGRAPH[0] - centre * std_given, std=std_given)
