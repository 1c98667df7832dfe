"""Splits a network's units into clusters with little weight between them: a low normalized cut.

The n-cut of Shi and Malik 2000, as Filan et al. 2021, "Clusterability in Neural Networks", apply it to weights:
the sum over clusters of the weight that leaves the cluster, divided by the cluster's volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import LayeredGraph
from probatum.structure.partitioning.packing import pack
from probatum.structure.partitioning.solving import Mode, solve

LEAST_SHARE = 0.001  # of all volume, below which a cluster says little


@dataclass(frozen=True, kw_only=True, eq=False)
class Partition:
    """`labels`: int32, shape (units,), 0 to clusters - 1, and -1 for units without edges.

    `ncut`: from 0 to clusters - 1, low where clusters have little weight between them. `small`: how many clusters
    have less than 0.1 % of the volume, such as one weak unit; they lower the n-cut without being modules.
    """

    labels: npt.NDArray[np.int32]
    ncut: float
    clusters: int
    small: int


def ncut(graph: LayeredGraph, labels: npt.ArrayLike) -> float:
    """Return the n-cut of a partition: the sum over clusters of cut / (volume + 1e-8).

    `labels`: shape (units,), whole numbers from 0; -1 puts a unit outside all clusters. Volumes count weights in
    units of the largest. Raises `ValueError` for another shape.
    """
    packed, given = pack(graph), np.asarray(labels)
    if given.shape != (graph.units,) or given.dtype.kind not in "iu" or given.min() < -1 or given.max() < 0:
        raise ValueError(
            f"labels of shape {given.shape}, {given.dtype}: give {graph.units} whole numbers from 0, or -1"
        )
    return packed.ncut(np.ascontiguousarray(given, np.int32), packed.degrees())


def partition(
    graph: LayeredGraph, *, clusters: int = 12, mode: Mode = "refined", seed: int = 0, starts: int | None = None
) -> Partition:
    """Split the units of a network into clusters with a low n-cut.

    Args:
        graph: the network; units without edges are left out.
        clusters: how many.
        mode: "paper" rounds the spectral embedding by k-means, as in Filan et al. 2021; "refined" then moves single
            units for as long as that lowers the n-cut.
        seed: of the random starts.
        starts: restarts of k-means in paper mode (25, or 100 above 2,000 units), starting points in refined mode (3).

    Raises:
        ValueError: fewer than 2 clusters or more than can be told apart (the message says how many), layers that no
            weights join, all weights 0.
    """
    if mode not in ("refined", "paper"):
        raise ValueError(f"mode is {mode!r}; give 'refined' or 'paper'")
    if starts is not None and starts < 1:
        raise ValueError(f"starts is {starts}; give 1 or more, or None for the usual number")
    packed = pack(graph)
    degree = packed.degrees()
    labels, value = solve(packed, degree, clusters=clusters, mode=mode, seed=seed, starts=starts)
    volume = np.bincount(labels[labels >= 0], degree[labels >= 0], minlength=clusters)
    return Partition(
        labels=labels, ncut=value, clusters=clusters, small=int((volume < LEAST_SHARE * volume.sum()).sum())
    )
