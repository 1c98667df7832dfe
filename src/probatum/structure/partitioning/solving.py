"""Finds clusters with a low n-cut in packed weights: spectral clustering alone, or refined unit by unit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from probatum.structure.partitioning.cluster_qr import cluster_qr
from probatum.structure.partitioning.embedding import DEPTH, embed
from probatum.structure.partitioning.kmeans import kmeans
from probatum.structure.partitioning.normalized_adjacency import NormalizedAdjacency, normalized_adjacency
from probatum.structure.partitioning.packing import Packed

Mode = Literal["refined", "paper"]
Labels = npt.NDArray[np.int32]
Degrees = npt.NDArray[np.float64]
MANY_CLUSTERS = 64  # above it, k-means gives way to `cluster_qr`
ROUGH_DEPTH = 3  # of the Krylov space from which refinement starts: more does not lower the n-cut it ends at
RUNS_OF_A_START, ROUNDS_OF_A_START = 3, 5  # of k-means: moves of single units do the rest
SWEEPS = 300


def solve(
    packed: Packed, degree: Degrees, *, clusters: int, mode: Mode, seed: int, starts: int | None
) -> tuple[Labels, float]:
    """Return labels (units,), -1 for units without edges, and their n-cut; `degree`: (units,).

    `starts`: in paper mode restarts of k-means (25, above 2,000 units 100), in refined mode starting points (3).
    Raises `ValueError` for fewer than 2 clusters or more than the graph has dimensions for.
    """
    with _libraries().limit(limits=1, user_api="blas"):  # on matrices this small more threads only wait for each other
        return _solve(packed, degree, clusters, mode, seed, starts)


@cache
def _libraries() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _solve(
    packed: Packed, degree: Degrees, clusters: int, mode: Mode, seed: int, starts: int | None
) -> tuple[Labels, float]:
    matrix = normalized_adjacency(packed, degree)
    _check(matrix, degree, clusters)
    if mode == "paper":
        labels = _spectral(matrix, degree, clusters, seed, starts)
        return labels, packed.ncut(labels, degree)
    best, lowest = np.empty(0, np.int32), np.inf
    packed.mirror_dense()
    for start in _starting_points(matrix, degree, clusters, seed, starts or 3):
        labels = refined(packed, degree, start)
        found = packed.ncut(labels, degree)
        if found < lowest:
            best, lowest = labels, found
    return best, lowest


def refined(packed: Packed, degree: Degrees, labels: Labels) -> Labels:
    """Return labels (units,) after moving single units until no move lowers the n-cut; no cluster is emptied.

    The transposes of dense tensors have to be up to date (`Packed.mirror_dense`).
    """
    from probatum.structure.partitioning.refinement_kernels import refine

    layout, found = packed.layout, labels.copy()
    pull = np.empty((int(labels.max()) + 1, layout.units), np.float32)
    arrays = (packed.values, packed.entries, packed.indices, packed.pointers)
    refine(layout.layers, layout.first_strip, layout.strips, *arrays, found, degree, pull, SWEEPS)
    return found


def _check(matrix: NormalizedAdjacency, degree: Degrees, clusters: int) -> None:
    connected = int((degree > 0).sum())
    largest = min(int((scale > 0).sum()) for scale in matrix.scale)
    name = matrix.packed.layout.name
    if clusters < 2 or clusters > connected:
        raise ValueError(f"{name}: clusters is {clusters}; give 2 to {largest}: {connected} units have edges")
    if clusters > largest:
        raise ValueError(
            f"{name}: clusters is {clusters}, but at most {largest} can be told apart: layers alternate between "
            f"two sides, and the smaller has {largest} units with edges"
        )


def _spectral(
    matrix: NormalizedAdjacency, degree: Degrees, clusters: int, seed: int, starts: int | None, depth: int = DEPTH
) -> Labels:
    embedding = embed(matrix, count=clusters, seed=seed, depth=depth)
    kept = np.flatnonzero(degree > 0)
    if clusters > MANY_CLUSTERS:
        return _on_all(cluster_qr(embedding.vectors[kept]), kept, degree, clusters)
    rows = _rows(embedding.vectors, kept, degree)
    runs = starts or (25 if len(kept) <= 2000 else 100)
    return _on_all(kmeans(rows, clusters=clusters, runs=runs, seed=seed)[0], kept, degree, clusters)


def _starting_points(
    matrix: NormalizedAdjacency, degree: Degrees, clusters: int, seed: int, starts: int
) -> Iterator[Labels]:
    """Yield labels (units,) from which to refine; of many clusters, one from the embedding and the others random."""
    kept = np.flatnonzero(degree > 0)
    if clusters > MANY_CLUSTERS:
        yield _spectral(matrix, degree, clusters, seed, None)
        for start in range(1, starts):
            random = np.random.default_rng([seed, start])
            yield _on_all(random.integers(0, clusters, len(kept), np.int32), kept, degree, clusters)
        return
    rows = _rows(embed(matrix, count=clusters, seed=seed, depth=ROUGH_DEPTH).vectors, kept, degree)
    for start in range(starts):
        found = kmeans(rows, clusters=clusters, runs=RUNS_OF_A_START, rounds=ROUNDS_OF_A_START, seed=seed + start)[0]
        yield _on_all(found, kept, degree, clusters)


def _rows(vectors: npt.NDArray[np.float32], kept: npt.NDArray[np.int64], degree: Degrees) -> npt.NDArray[np.float32]:
    """Return each unit's place: its entries of all but the constant vector, divided by the root of its degree."""
    return vectors[kept, 1:] / np.sqrt(degree[kept]).astype(np.float32)[:, None]


def _on_all(found: Labels, kept: npt.NDArray[np.int64], degree: Degrees, clusters: int) -> Labels:
    """Return labels of all units; an empty cluster gets the heaviest unit of the cluster with most units."""
    labels = np.full(len(degree), -1, np.int32)
    labels[kept] = found
    counts = np.bincount(found, minlength=clusters)
    for empty in np.flatnonzero(counts == 0):
        members = np.flatnonzero(labels == counts.argmax())
        labels[members[degree[members].argmax()]] = empty
        counts[counts.argmax()] -= 1
        counts[empty] = 1
    return labels
