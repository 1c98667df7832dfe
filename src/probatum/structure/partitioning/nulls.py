"""Networks with the same weights in other places: what a network's n-cut is compared with.

Filan et al. 2021 permute all weights of a layer. Where a network was pruned that also destroys which weights are
zero, so that there are nulls that keep those places, and the strengths of units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.networks.layered_graph import Block, LayeredGraph
from probatum.progress import track
from probatum.structure.partitioning.packing import Packed, Tensor
from probatum.structure.partitioning.shuffling import Null, origin, shuffle
from probatum.structure.partitioning.solving import Mode, solve


def shuffled(graph: LayeredGraph, *, null: Null, seed: int) -> LayeredGraph:
    """Return the network with its weights in other places; copies of one weight are dealt with alike.

    `null`: "all" permutes the weights of each block, those that are 0 among them; "support" permutes those other
    than 0 among their places; "strengths" does so, and then scales rows and columns in turn until each unit has its
    sum of weights in the block back; "initialization" draws the weights anew (Glorot uniform; an edge is the sum of
    the sizes of its weights). Places without any weight, such as other groups of a convolution, stay empty.
    """
    start = origin(graph, null)
    work = start.copy()
    shuffle(work, start, null=null, seed=seed)
    keys = dict.fromkeys(_key(block) for block in graph.blocks)  # in the order of the tensors
    arrays = {key: _unpacked(work, tensor) for key, tensor in zip(keys, work.layout.tensors, strict=True)}
    return graph.with_blocks(replace(block, weights=arrays[_key(block)]) for block in graph.blocks)


def null_ncuts(
    graph: LayeredGraph,
    *,
    null: Null = "support",
    shuffles: int = 200,
    clusters: int = 12,
    mode: Mode = "refined",
    seed: int = 0,
    starts: int | None = None,
    jobs: int = 1,
) -> npt.NDArray[np.float64]:
    """Return the n-cut of each of `shuffles` networks with shuffled weights, shape (shuffles,).

    `null` as in `shuffled`; `clusters`, `mode` and `starts` as in `partition`; `jobs`: processes that share the work.
    The numbers do not depend on `jobs`. Raises `ValueError` as those two do, and for less than one shuffle.
    """
    if shuffles < 1 or jobs < 1:
        raise ValueError(f"shuffles is {shuffles}, jobs {jobs}; give 1 or more")
    seeds = np.random.SeedSequence(seed).generate_state(shuffles).tolist()
    how = {"null": null, "clusters": clusters, "mode": mode, "starts": starts}
    found: Iterator[float] = _solved(graph, seeds, how) if jobs == 1 else _in_processes(graph, seeds, how, jobs)
    return np.array(list(track(found, total=shuffles, what="shuffled networks")), np.float64)


def _in_processes(graph: LayeredGraph, seeds: Sequence[int], how: dict[str, Any], jobs: int) -> Iterator[float]:
    from joblib import Parallel, delayed

    size = max(1, -(-len(seeds) // (4 * jobs)))
    parts = [seeds[first : first + size] for first in range(0, len(seeds), size)]
    work = Parallel(n_jobs=jobs, return_as="generator")
    for part in work(delayed(_solved_list)(graph, part, how) for part in parts):
        yield from part


def _solved_list(graph: LayeredGraph, seeds: Sequence[int], how: dict[str, Any]) -> list[float]:
    return list(_solved(graph, seeds, how))


def _solved(graph: LayeredGraph, seeds: Sequence[int], how: dict[str, Any]) -> Iterator[float]:
    """Yield the n-cut of the shuffle of each seed; all are written into the same memory."""
    null, given = how["null"], {name: how[name] for name in ("clusters", "mode", "starts")}
    start = origin(graph, null)
    work = start.copy()
    for seed in seeds:
        shuffle(work, start, null=null, seed=seed)
        yield solve(work, work.degrees(), seed=seed, **given)[1]


def _key(block: Block) -> tuple[str, int]:
    """Say which weight array a block has; blocks that share it are one tensor."""
    return block.tied, id(block.weights)


def _unpacked(work: Packed, tensor: Tensor) -> Any:
    """Return a tensor as its block had it: an array, or compressed rows where only some places can hold a weight."""
    scaled = work.stored(tensor) * np.float32(work.largest)
    shape = (tensor.rows, tensor.columns)
    if not tensor.sparse:
        return scaled.reshape(shape)
    pointers = work.pointers[tensor.pointer : tensor.pointer + tensor.rows + 1] - tensor.offset
    indices = work.indices[tensor.offset : tensor.offset + tensor.size]
    rows = sparse.csr_array((scaled, indices.copy(), pointers), shape=shape)
    return rows.toarray() if tensor.free else rows
