"""Does a layer band more than the layers before it? Its B less the mean B of all earlier ones, with an interval.

With a thousand units a B of 0.05 has a tiny p-value, so the p of one layer alone says little; whether stripes come
with depth is a question about differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.structure.banding import RESAMPLES, Banding

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A difference of B and its 95 % bootstrap interval over units, the units of every layer drawn anew."""

    difference: float
    low: float
    high: float


def contrasts(layers: Sequence[Banding], *, seed: int) -> tuple[Contrast | None, ...]:
    """Compare each layer with the mean of all before it; the first has nothing to be compared with.

    `layers`: in the order of the network; `seed` decides the bootstrap. Every earlier layer counts alike, whatever
    its number of units.
    """
    found: list[Contrast | None] = []
    earlier, sampled = 0.0, np.zeros(RESAMPLES)
    for number, layer in enumerate(layers):
        drawn = _resampled(layer, np.random.default_rng([seed, number]))
        if number:
            low, high = np.quantile(drawn - sampled / number, [0.025, 0.975])
            found.append(Contrast(difference=layer.b - earlier / number, low=float(low), high=float(high)))
        else:
            found.append(None)
        earlier, sampled = earlier + layer.b, sampled + drawn
    return tuple(found)


def _resampled(layer: Banding, rng: np.random.Generator) -> Floats:
    """B of bootstrap samples of the layer's units, shape (RESAMPLES,)."""
    counts = rng.multinomial(layer.units, np.full(layer.units, 1 / layer.units), size=RESAMPLES)
    row, column = counts @ np.array(layer.rows), counts @ np.array(layer.columns)
    both = row + column
    return np.asarray((row - column) / np.where(both > 0, both, 1.0))
