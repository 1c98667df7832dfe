"""How alike a group of units is: the mean size of the correlations of their activations.

Hod et al. 2021, "Quantifying Local Specialization in Deep Neural Networks", ask whether clusters are coherent.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import LayeredGraph

Floats = npt.NDArray[np.float32]


def activation_patterns(network: LayeredGraph, activations: Mapping[str, Floats]) -> Floats:
    """Return every unit's activations with mean 0 and sum of squares 1, shape (inputs, units); 0 if they never vary."""
    inputs = len(next(iter(activations.values())))
    whole = np.zeros((inputs, network.units), np.float32)
    for name, values in activations.items():
        centred = np.asarray(values, np.float64) - values.mean(axis=0, dtype=np.float64)
        length = np.sqrt((centred**2).sum(axis=0))
        length[length <= 1e-6 * np.abs(values).max(axis=0, initial=0.0) * np.sqrt(inputs)] = np.inf
        length[length == 0] = np.inf
        start = network.offsets[name]
        whole[:, start : start + values.shape[1]] = centred / length
    return whole


def coherence(patterns: Floats) -> float:
    """Return the mean size of correlation of two units, from their patterns of shape (inputs, units); NaN for one."""
    units = patterns.shape[1]
    if units < 2:
        return np.nan
    sizes = np.abs(patterns.T @ patterns)
    return float((sizes.sum(dtype=np.float64) - np.trace(sizes)) / (units * (units - 1)))
