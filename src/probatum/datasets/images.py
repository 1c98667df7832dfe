"""One shape for every image data set: training and test pictures as bytes, with their class numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """Pictures of one size in 8-bit values, split into training and test.

    `train_x` and `test_x` are uint8 of shape (n, height, width, channels), 0 to 255;
    `train_y` and `test_y` are int64 class numbers of shape (n,), counted from 0.
    Anything else raises `ValueError`.
    """

    name: str
    train_x: npt.NDArray[np.uint8]
    train_y: npt.NDArray[np.int64]
    test_x: npt.NDArray[np.uint8]
    test_y: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        for part, x, y in (("train", self.train_x, self.train_y), ("test", self.test_x, self.test_y)):
            if x.ndim != 4 or x.dtype != np.uint8:
                raise ValueError(
                    f"{self.name}: {part}_x is {x.dtype} of shape {x.shape}; "
                    "it should be uint8 of shape (n, height, width, channels)"
                )
            if y.shape != x.shape[:1] or y.dtype != np.int64 or y.size == 0 or y.min() < 0:
                raise ValueError(
                    f"{self.name}: {part}_y is {y.dtype} of shape {y.shape}; "
                    f"it should be int64 class numbers of shape ({len(x)},), at least one, none negative"
                )
        if self.train_x.shape[1:] != self.test_x.shape[1:]:
            raise ValueError(
                f"{self.name}: training pictures are {self.train_x.shape[1:]}, "
                f"test pictures {self.test_x.shape[1:]}; both should have one size"
            )

    @property
    def classes(self) -> int:
        """Number of classes: one more than the largest class number."""
        return int(max(self.train_y.max(), self.test_y.max())) + 1

    def rotated(self) -> Images:
        """Return the same pictures, training and test, turned by 90 degrees counter-clockwise."""
        return replace(
            self,
            train_x=np.ascontiguousarray(np.rot90(self.train_x, axes=(1, 2))),
            test_x=np.ascontiguousarray(np.rot90(self.test_x, axes=(1, 2))),
        )

    def subset(self, count: int, *, seed: int) -> Images:
        """Keep `count` training pictures drawn without replacement; the test pictures stay as they are."""
        if not 1 <= count <= len(self.train_x):
            raise ValueError(f"{self.name}: {count} training pictures wanted; give 1 to {len(self.train_x)}")
        chosen = np.random.default_rng(seed).permutation(len(self.train_x))[:count]
        return replace(self, train_x=self.train_x[chosen], train_y=self.train_y[chosen])
