"""How much weight lies between groups of a network's units: its adjacency matrix, summed up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.networks.layered_graph import LayeredGraph

Floats = npt.NDArray[np.float64]


def group_weights(graph: LayeredGraph, groups: npt.ArrayLike) -> Floats:
    """Return the sum of edges between each two groups, a symmetric matrix of shape (groups, groups).

    `groups`: number of each unit's group from 0, shape (units,); -1 leaves a unit out. An edge inside a group counts
    twice, once for each end, so that rows sum to the groups' volumes. Goes block by block: the whole adjacency matrix
    is never made.
    """
    numbers = np.asarray(groups)
    if numbers.shape != (graph.units,):
        raise ValueError(f"groups of shape {numbers.shape} for {graph.units} units: give one number for each unit")
    count = int(numbers.max(initial=-1)) + 1
    total = np.zeros((count, count))
    for block in graph.blocks:
        rows, columns = block.weights.shape
        first = graph.offsets[block.source] + block.source_start
        second = graph.offsets[block.target] + block.target_start
        left = _members(numbers[first : first + rows], count)
        right = _members(numbers[second : second + columns], count)
        part = right.T @ (left.T @ block.weights).T
        half = part.toarray() if sparse.issparse(part) else np.asarray(part)
        total += half + half.T
    return total


def densities(graph: LayeredGraph, labels: npt.ArrayLike, *, bins: int = 160) -> tuple[Floats, tuple[float, ...]]:
    """Return the adjacency matrix with its units ordered by cluster and, inside, by layer, in at most `bins` bins.

    `labels`: number of each unit's cluster, shape (units,); units at -1 are left out. A cell holds the weight between
    two bins over what their volumes would give by chance, so 1 is nothing special. Also returns where each cluster
    ends, in bins.
    """
    numbers = np.asarray(labels)
    order = np.argsort(numbers, kind="stable")
    order = order[numbers[order] >= 0]
    bins = min(bins, len(order))
    places = np.full(len(numbers), -1)
    places[order] = np.arange(len(order)) * bins // len(order)
    weights = group_weights(graph, places)
    volumes = weights.sum(axis=1)
    expected = np.outer(volumes, volumes) / max(float(volumes.sum()), 1e-30)
    ratios = np.divide(weights, expected, out=np.zeros_like(weights), where=expected > 0)
    ends = np.cumsum(np.bincount(numbers[order])) * bins / len(order)
    return ratios, tuple(float(end) for end in ends)


def _members(groups: npt.NDArray[np.int64], count: int) -> sparse.csr_array:
    """One-hot: a row for each unit, a column for each group."""
    units = np.flatnonzero(groups >= 0)
    ones = np.ones(len(units), np.float64)
    return sparse.csr_array((ones, (units, groups[units])), shape=(len(groups), count))
