"""Rounds a spectral embedding to clusters without chance: pivoted QR (Damle, Minden and Ying 2019)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def cluster_qr(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """Return a label for each row of `vectors` (points, clusters), the eigenvectors of a similarity matrix.

    As many points as there are clusters are picked that lie in directions as different as can be; the rotation
    nearest to their rows turns the embedding so that each point lies near one axis, its cluster.
    """
    from scipy.linalg import qr, svd

    count = vectors.shape[1]
    picked = qr(vectors.T, mode="r", pivoting=True, check_finite=False)[1][:count]
    left, _, right = svd(vectors[picked].T, check_finite=False)
    return np.asarray(np.abs(vectors @ (left @ right)).argmax(axis=1), np.int32)
