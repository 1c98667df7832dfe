"""The least time that the same arithmetic could take on one core: its operations at the rate measured here."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from probatum.networks.layered_graph import LayeredGraph
from probatum.structure.partitioning.embedding import DEPTH, SPARE_COLUMNS
from probatum.structure.partitioning.random_kernels import permute

LLOYD_ROUNDS = 25  # of k-means, about as many as it takes


def floor_seconds(graph: LayeredGraph, *, clusters: int, restarts: int) -> float:
    """Return seconds for one shuffle in paper mode: products, orthogonalization, k-means, random swaps.

    Multiplications and additions at the rate of a large float32 matrix product; swaps at the rate of a permutation
    of 65,536 numbers, which stay in the cache.
    """
    edges = sum(block.weights.size for block in graph.blocks)
    weights = sum(int(np.count_nonzero(block.weights)) for block in graph.blocks)
    columns = -(-(clusters - 1 + SPARE_COLUMNS) // 8) * 8
    small = graph.units / 3
    products = 4.0 * weights * columns * DEPTH
    orthogonalization = 2.0 * small * (columns * DEPTH) ** 2
    rounds = 2.0 * graph.units * clusters * clusters * restarts * (LLOYD_ROUNDS + 4)
    swaps = weights if weights < edges / 2 else edges
    return (products + orthogonalization + rounds) / _rate() + swaps * _swap()


def _rate() -> float:
    """Return multiplications and additions a second in a float32 matrix product of this machine."""
    one = np.random.default_rng(0).random((512, 512), np.float32)
    return 2 * 512.0**3 / _best(lambda: one @ one)


def _swap() -> float:
    values, state = np.zeros(65536, np.float32), np.array([1], np.uint64)
    return _best(lambda: permute(values, state)) / values.size


def _best(work: Callable[[], object]) -> float:
    found = np.inf
    for _ in range(20):
        start = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - start)
    return found
