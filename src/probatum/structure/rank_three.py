"""What is left of each unit's weights when its input channels are reduced to three.

Petrov et al., "Weight Banding", Distill 2021, reduce by a non-negative factorisation and look at the result; here
it is the nearest matrix of that rank, which needs no random start.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def rank_three(weights: npt.ArrayLike, *, rank: int = 3) -> npt.NDArray[np.float64]:
    """Return the weights with every unit's matrix of (input channels, positions) cut to its largest singular values.

    `weights`: shape (units, input channels, *kernel); `rank`: how many are kept, 3 in the article. The result has
    the same shape and is the nearest of that rank by least squares (Eckart and Young 1936). Where a unit has no more
    channels or positions than that, nothing changes. Raises `ValueError` for another shape, for NaN or infinite
    weights and for a rank below 1.
    """
    given = np.asarray(weights, np.float64)
    if given.ndim < 3 or 0 in given.shape:
        raise ValueError(f"weights of shape {given.shape}: give (units, input channels, rows, columns)")
    if not np.isfinite(given).all():
        raise ValueError("weights hold NaN or infinite values; give finite ones")
    if rank < 1:
        raise ValueError(f"rank {rank}: give at least 1")
    flat = given.reshape(*given.shape[:2], -1)
    if rank >= min(flat.shape[1:]):
        return given.copy()
    scale = np.abs(flat).max(axis=(1, 2), keepdims=True)
    scaled = flat / np.where(scale > 0, scale, 1.0)  # squares of tiny or huge weights stay in range
    # The positions are few, so the right singular vectors come from a small symmetric matrix.
    kept = np.linalg.eigh(scaled.swapaxes(1, 2) @ scaled)[1][:, :, -rank:]
    reduced: npt.NDArray[np.float64] = (flat @ kept) @ kept.swapaxes(1, 2)
    return reduced.reshape(given.shape)
