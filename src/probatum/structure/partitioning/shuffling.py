"""Writes shuffled weights into a packed network: the same numbers in other places, or fresh random ones.

Copies of one weight (`Tensor.tied`) are shuffled alike, as each is dealt with by the same random numbers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import Block, LayeredGraph
from probatum.structure.partitioning.packing import Packed, Tensor, pack

Null = Literal["all", "support", "strengths", "initialization"]
SUMMED_DRAWS = 16  # weights behind one edge up to which each is drawn; the sum of more is drawn as normal


def origin(graph: LayeredGraph, null: Null) -> Packed:
    """Return the packed graph that shuffles start from; for fresh weights, one with every possible edge."""
    if null not in ("all", "support", "strengths", "initialization"):
        raise ValueError(f"null is {null!r}; give 'all', 'support', 'strengths' or 'initialization'")
    if null != "initialization":
        return pack(graph)
    full = {id(block.weights): _ones(block) for block in graph.blocks}
    return pack(graph.with_blocks(replace(block, weights=full[id(block.weights)]) for block in graph.blocks))


def shuffle(work: Packed, start: Packed, *, null: Null, seed: int) -> None:
    """Write one shuffle of `start` into `work`, which has the same layout."""
    for tensor in work.layout.tensors:
        state = np.random.SeedSequence([seed, tensor.tied]).generate_state(1, np.uint64).astype(np.uint64)
        stored = work.stored(tensor)
        stored[:] = start.stored(tensor)
        if null == "initialization":
            _draw(stored, tensor, state)
        elif null == "all":
            _shuffle_all(work, tensor, stored, state)
        else:
            _shuffle_support(stored, state)
            if null == "strengths":
                _restore_strengths(work, start, tensor)
        if tensor.sparse:
            work.mirror(tensor)


def _ones(block: Block) -> Any:
    if isinstance(block.weights, np.ndarray):
        return np.ones_like(block.weights)
    ones = block.weights.copy()
    ones.data[:] = 1
    return ones


def _shuffle_all(work: Packed, tensor: Tensor, stored: npt.NDArray[np.float32], state: npt.NDArray[np.uint64]) -> None:
    from probatum.structure.partitioning.random_kernels import choose, permute
    from probatum.structure.partitioning.strip_kernels import marked_places

    permute(stored, state)
    if tensor.free:
        taken = np.empty(tensor.rows * tensor.columns, np.uint8)
        choose(taken, tensor.size, state)
        marked_places(taken, tensor.columns, work.pointers, tensor.pointer, work.indices)


def _shuffle_support(stored: npt.NDArray[np.float32], state: npt.NDArray[np.uint64]) -> None:
    from probatum.structure.partitioning.random_kernels import permute

    if stored.all():
        permute(stored, state)
        return
    places = np.flatnonzero(stored)
    values = stored[places]
    permute(values, state)
    stored[places] = values


def _restore_strengths(work: Packed, start: Packed, tensor: Tensor) -> None:
    from probatum.structure.partitioning.strength_kernels import balance, balance_sparse

    if tensor.sparse:
        rows = slice(tensor.pointer, tensor.pointer + tensor.rows + 1)
        part = slice(tensor.offset, tensor.offset + tensor.size)
        pointers = work.pointers[rows] - tensor.offset
        balance_sparse(work.entries[part], start.entries[part], work.indices[part], pointers, tensor.columns)
    else:
        balance(work.matrix(tensor), start.matrix(tensor))


def _draw(stored: npt.NDArray[np.float32], tensor: Tensor, state: npt.NDArray[np.uint64]) -> None:
    """Draw edges as sums of `area` sizes of weights, each uniform up to the limit of Glorot and Bengio 2010."""
    from probatum.structure.partitioning.random_kernels import add_uniform

    block, area = tensor.block, max(1, tensor.block.area)
    limit = float(np.sqrt(6 / ((block.fan_in or tensor.rows * area) + (block.fan_out or tensor.columns * area))))
    if area > SUMMED_DRAWS:
        draws = np.random.default_rng(state).standard_normal(stored.size, np.float32)
        np.maximum(limit * (area / 2 + np.sqrt(area / 12) * draws), 0, out=stored)
        return
    stored[:] = 0
    for _ in range(area):
        add_uniform(stored, limit, state)
