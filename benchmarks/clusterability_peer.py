"""The peer: scikit-learn's spectral clustering, configured as Filan et al. 2021 ran it, and their n-cut.

ARPACK for the eigenvectors, k-means++ with 25 restarts (100 above 2,000 units), each row of the embedding divided
by the root of the unit's degree, as scikit-learn does by itself.
"""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.networks.layered_graph import LayeredGraph


def matrices(graph: LayeredGraph) -> list[npt.NDArray[np.float64]]:
    """Return the weights of each block of a chain of layers."""
    return [np.asarray(block.weights, np.float64) for block in graph.blocks]


def shuffled_matrices(
    weights: list[npt.NDArray[np.float64]], random: np.random.Generator
) -> list[npt.NDArray[np.float64]]:
    """Return each matrix with all its entries permuted."""
    return [random.permutation(matrix.ravel()).reshape(matrix.shape) for matrix in weights]


def adjacency(weights: list[npt.NDArray[np.float64]]) -> sparse.csr_array:
    """Return the adjacency matrix of a chain, without units that have no edges."""
    sizes = [weights[0].shape[0], *(matrix.shape[1] for matrix in weights)]
    rows = [[None] * len(sizes) for _ in sizes]
    for number, matrix in enumerate(weights):
        rows[number][number + 1] = sparse.csr_array(matrix)
        rows[number + 1][number] = sparse.csr_array(matrix.T)
    whole = sparse.csr_array(sparse.block_array(rows))
    kept = np.flatnonzero(whole.sum(axis=1))
    return whole[kept][:, kept]


def peer_ncut(weights: list[npt.NDArray[np.float64]], *, clusters: int, restarts: int, seed: int) -> float:
    """Cluster as the reference does; return the n-cut."""
    from sklearn.cluster import spectral_clustering

    graph = adjacency(weights)
    how = {"eigen_solver": "arpack", "n_init": restarts, "assign_labels": "kmeans"}
    labels = spectral_clustering(graph, n_clusters=clusters, random_state=seed, **how)
    return _ncut(graph, labels)


def peer_many(graph: LayeredGraph, *, clusters: int, seed: int) -> tuple[float, float, float]:
    """Return CPU seconds of the peer's embedding and of one restart of its k-means, and the n-cut after that one."""
    from sklearn.cluster import KMeans
    from sklearn.manifold import spectral_embedding

    whole = adjacency(matrices(graph))
    start = time.process_time()
    how = {"eigen_solver": "arpack", "drop_first": False, "random_state": seed}
    rows = spectral_embedding(whole, n_components=clusters, **how)
    embedded = time.process_time()
    labels = KMeans(clusters, n_init=1, random_state=seed).fit_predict(rows)
    return embedded - start, time.process_time() - embedded, _ncut(whole, labels)


def _ncut(graph: sparse.csr_array, labels: npt.NDArray[np.int32]) -> float:
    total = 0.0
    for cluster in range(int(labels.max()) + 1):
        inside = labels == cluster
        rows = graph[np.flatnonzero(inside)]
        volume = rows.sum()
        total += (volume - rows[:, np.flatnonzero(inside)].sum()) / (volume + 1e-8)
    return float(total)
