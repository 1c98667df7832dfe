"""What happens to a layer's values between two matrix products, compiled: array libraries pass over them several times.

The order of the sums is that of the source, so a seed gives the same bytes again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Values = Any  # float32 arrays; numba compiles for what it is given


@njit(cache=True, error_model="numpy")
def add_bias_and_rectify(values: Values, bias: Values) -> None:
    """Turn `values` (S, T, rows, width) into ReLU(values + bias), bias (S, T, 1, width), in place."""
    members, twins, rows, width = values.shape
    for member in range(members):
        for twin in range(twins):
            for row in range(rows):
                for unit in range(width):
                    value = values[member, twin, row, unit] + bias[member, twin, 0, unit]
                    values[member, twin, row, unit] = value if value > np.float32(0) else np.float32(0)


@njit(cache=True, error_model="numpy")
def stop_at_rest(slopes: Values, values: Values) -> None:
    """Set `slopes` (S, T, rows, width) to 0 where a rectified unit of `values` is at rest, in place."""
    members, twins, rows, width = slopes.shape
    for member in range(members):
        for twin in range(twins):
            for row in range(rows):
                for unit in range(width):
                    alive = values[member, twin, row, unit] > np.float32(0)
                    slope = slopes[member, twin, row, unit]
                    slopes[member, twin, row, unit] = slope if alive else np.float32(0)


@njit(cache=True, error_model="numpy")
def adam_step(
    parameters: Values,
    gradient: Values,
    mean: Values,
    square: Values,
    first: np.float32,
    second: np.float32,
    rate: np.float32,
    tiny: np.float32,
) -> None:
    """Take one step of Adam on one-dimensional arrays, in place; `rate` and `tiny` are corrected for the cold start."""
    for place in range(parameters.size):
        slope = gradient[place]
        mean[place] = first * mean[place] + (np.float32(1) - first) * slope
        square[place] = second * square[place] + (np.float32(1) - second) * slope * slope
        parameters[place] -= rate * mean[place] / (np.sqrt(square[place]) + tiny)


@njit(cache=True, error_model="numpy")
def follow(target: Values, source: Values, part: np.float32) -> None:
    """Move one-dimensional `target` by `part` of the way to `source`, in place (Polyak averaging)."""
    for place in range(target.size):
        target[place] += part * (source[place] - target[place])
