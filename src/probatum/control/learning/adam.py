"""Adam (Kingma, Ba 2015) over one array of parameters, in place."""

from __future__ import annotations

from typing import final

import numpy as np

from probatum.control.learning.layer_kernels import adam_step
from probatum.control.learning.mlp import Floats

FIRST, SECOND, TINY = 0.9, 0.999, 1e-8


@final
class Adam:
    """The moving averages of a gradient and of its square, and the steps made by them."""

    def __init__(self, parameters: Floats, *, rate: float) -> None:
        self._parameters = parameters
        self.rate = rate
        self.count = np.zeros(1, np.int64)  # an array, so that a checkpoint holds it like the others
        self.mean = np.zeros_like(parameters)
        self.square = np.zeros_like(parameters)

    def step(self, gradient: Floats) -> None:
        """Move the parameters once against `gradient`, which has their shape."""
        self.count += 1
        steps = int(self.count[0])
        warm = (1 - SECOND**steps) ** 0.5
        adam_step(
            self._parameters.reshape(-1),
            gradient.reshape(-1),
            self.mean.reshape(-1),
            self.square.reshape(-1),
            np.float32(FIRST),
            np.float32(SECOND),
            np.float32(self.rate * warm / (1 - FIRST**steps)),
            np.float32(TINY * warm),
        )
