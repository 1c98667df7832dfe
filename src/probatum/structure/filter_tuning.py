"""What does a filter of a first layer respond to: colour, how fine a pattern, which orientation?

Read off the weights, with no picture shown: the share of a filter's energy that is colour, and where its power
lies in the Fourier plane. After the filters that Krizhevsky et al. 2012 show of AlexNet.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
GRID = 32  # points of the Fourier plane along each axis; small kernels are padded with zeros


def filter_tuning(filters: npt.ArrayLike) -> dict[str, Numbers]:
    """Return each filter's `spatial_frequency`, `orientation_selectivity` and, of three channels, `colour_share`.

    `filters`: first-layer weights, shape (units, channels, k, k), at least 2 x 2. Each score has shape (units,):

    - `colour_share`, 0 to 1: energy off the grey axis (all channels equal) by all energy; in any order of channels;
    - `spatial_frequency`, cycles a pixel: mean distance from the origin of the Fourier plane, weighted by power
      summed over channels, the constant part included, so an even blob of colour is low;
    - `orientation_selectivity`, 0 to 1: length of the mean of exp(2 i angle) weighted by power, 1 for a grating.

    A filter of zeros gets 0 everywhere. Raises `ValueError` for another shape, NaN or infinite weights.
    """
    kernels = np.asarray(filters, np.float64)
    if kernels.ndim != 4 or 0 in kernels.shape or min(kernels.shape[2:]) < 2:
        raise ValueError(f"filters of shape {kernels.shape}: give (units, channels, k, k) with k at least 2")
    if not np.isfinite(kernels).all():
        raise ValueError("filters hold NaN or infinite weights; give finite ones")
    scores = _fourier(kernels)
    if kernels.shape[1] == 3:
        scores["colour_share"] = _share((kernels - kernels.mean(axis=1, keepdims=True)) ** 2, kernels**2)
    return scores


def _fourier(kernels: Numbers) -> dict[str, Numbers]:
    side = max(GRID, *kernels.shape[2:])
    power = (np.abs(np.fft.fft2(kernels, s=(side, side))) ** 2).sum(axis=1)
    down, right = np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side), indexing="ij")
    angle = np.exp(2j * np.arctan2(down, right)) * (np.hypot(down, right) > 0)
    edge = side // 2 if side % 2 == 0 else -1  # the highest frequency stands for both of its signs: no orientation
    if edge > 0:
        angle[edge], angle[:, edge] = 0, 0
    varied = power * (np.abs(angle) > 0)
    selectivity = np.abs((power * angle).sum(axis=(1, 2))) / _positive(varied.sum(axis=(1, 2)))
    return {
        "spatial_frequency": _share(power * np.hypot(down, right), power),
        "orientation_selectivity": np.asarray(selectivity, np.float64),
    }


def _share(part: Numbers, whole: Numbers) -> Numbers:
    axes = tuple(range(1, part.ndim))
    return np.asarray(part.sum(axis=axes) / _positive(whole.sum(axis=axes)), np.float64)


def _positive(values: Numbers) -> Numbers:
    return np.where(values > 0, values, np.inf)
