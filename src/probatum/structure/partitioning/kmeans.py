"""K-means over all restarts at once: rounds the spectral embedding to clusters (Shi and Malik 2000)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ROUNDS = 300
TOLERANCE = 1e-4  # of the mean variance of a dimension, as in scikit-learn


def kmeans(
    rows: npt.NDArray[np.float32], *, clusters: int, runs: int, seed: int, rounds: int = ROUNDS
) -> tuple[npt.NDArray[np.int32], float]:
    """Return labels (points,) of the best of several runs of k-means on rows (points, dimensions), and its inertia."""
    from probatum.structure.partitioning.kmeans_kernels import best_run

    centred = np.ascontiguousarray(rows - rows.mean(axis=0), np.float32)
    scale = np.float32(1 / max(float(np.abs(centred).max()), 1e-30))
    centred *= scale
    points = np.ones((rows.shape[1] + 1, len(rows)), np.float32)
    points[:-1] = centred.T
    norms = (centred**2).sum(axis=1)
    tolerance = TOLERANCE * float(norms.mean()) / rows.shape[1]
    state = np.array([seed], np.uint64)
    labels, inertia = best_run(points, centred, norms, clusters, runs, rounds, tolerance, state)
    return labels, inertia / float(scale) ** 2
