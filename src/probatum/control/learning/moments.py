"""Running mean and variance of observations, by which a policy's inputs are standardized (Chan et al. 1979)."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from probatum.control.learning.mlp import Floats

LEAST_SCALE = 1e-3  # of a column that never changes; what differs from it is cut at LIMIT scales
LIMIT = 10.0


@final
class Moments:
    """Moments of the observations of S members: `count` (S,), `mean` and `spread` (S, observation) in float64."""

    def __init__(self, *, members: int, observation: int, standardize: bool) -> None:
        self.standardize = standardize
        self.count = np.zeros(members)
        self.mean = np.zeros((members, observation))
        self.spread = np.zeros((members, observation))  # sum of squared distances from the mean
        self.shift: Floats = np.zeros((members, 1, observation), np.float32)
        self.scale: Floats = np.ones((members, 1, observation), np.float32)

    def add(self, member: int, rows: NDArray[np.floating]) -> None:
        """Take in `rows` (N, observation) of one member."""
        rows = np.asarray(rows, np.float64)
        count = self.count[member] + len(rows)
        mean = rows.mean(axis=0)
        apart = mean - self.mean[member]
        self.spread[member] += ((rows - mean) ** 2).sum(axis=0) + apart**2 * self.count[member] * len(rows) / count
        self.mean[member] += apart * len(rows) / count
        self.count[member] = count
        self.refresh()

    def refresh(self) -> None:
        """Bring `shift` and `scale` up to date with the moments."""
        if self.standardize:
            deviation = np.sqrt(self.spread / np.maximum(self.count, 1)[:, None])
            self.shift[:, 0] = self.mean
            self.scale[:, 0] = np.maximum(deviation, LEAST_SCALE)

    def apply(self, observations: Floats, out: Floats) -> None:
        """Write the standardized `observations` (S, N, observation) into `out`."""
        if not self.standardize:
            out[...] = observations
            return
        np.subtract(observations, self.shift, out=out)
        out /= self.scale
        np.clip(out, -LIMIT, LIMIT, out=out)
