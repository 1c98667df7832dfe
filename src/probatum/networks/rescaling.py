"""Rescale every hidden unit to an incoming weight vector of length one, and its outgoing weights to make up for it.

A network of ReLUs computes the same before and after (Filan et al. 2021, "Clusterability in Neural Networks",
discuss this freedom), so a measure of its weights should say which of all these networks it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.networks.layered_graph import Block, LayeredGraph

Doubles = npt.NDArray[np.float64]


def rescaled(graph: LayeredGraph) -> LayeredGraph:
    """Return the graph in which each hidden unit's incoming edges have a sum of squares of one.

    In the order of layers, a unit's incoming edges are divided by their norm and its outgoing ones multiplied by it;
    a weight that reads a sum of several layers counts once. Inputs and units that nothing reads keep their scale, and
    so do units without incoming edges. Units that are summed by a residual connection must share one scale to stay the
    same function: that of the first of them. Exact for ReLU without biases; a convention for other functions.
    """
    streams = _streams(graph)
    scale = np.zeros(streams.max() + 1)
    incoming: dict[str, list[Block]] = {layer.name: [] for layer in graph.layers}
    for block in graph.blocks:
        incoming[block.target].append(block)
    read = _read(graph)
    for layer in graph.layers:
        units = slice(graph.offsets[layer.name], graph.offsets[layer.name] + layer.units)
        norms = _norms(graph, incoming[layer.name], scale, streams, layer.units)
        norms[(norms == 0) | ~read[units]] = 1.0
        mine = streams[units]
        fresh = scale[mine] == 0
        scale[mine[fresh]] = norms[fresh]
    of_unit = scale[streams]
    note = "every hidden unit is rescaled to incoming weights of length one"
    blocks = [_scaled(graph, block, of_unit) for block in graph.blocks]
    return replace(graph.with_blocks(blocks), notes=(*graph.notes, note))


def _streams(graph: LayeredGraph) -> npt.NDArray[np.int64]:
    """Number the sets of units that must share a scale: those that one weight reads as a sum; shape (units,)."""
    rows: list[npt.NDArray[np.int64]] = []
    columns: list[npt.NDArray[np.int64]] = []
    for tied in _summed(graph.blocks):
        first = _sources(graph, tied[0])
        for block in tied[1:]:
            rows.append(first)
            columns.append(_sources(graph, block))
    row = np.concatenate([np.empty(0, np.int64), *rows])
    column = np.concatenate([np.empty(0, np.int64), *columns])
    links = sparse.coo_array((np.ones(len(row)), (row, column)), shape=(graph.units, graph.units))
    return sparse.csgraph.connected_components(links, directed=False)[1].astype(np.int64)


def _summed(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks that are copies of one weight for several terms of one sum."""
    groups: dict[tuple[object, ...], list[Block]] = {}
    for block in blocks:
        groups.setdefault((block.tied, block.target, block.target_start, block.slot, block.weights.shape), []).append(
            block
        )
    return list(groups.values())


def _sources(graph: LayeredGraph, block: Block) -> npt.NDArray[np.int64]:
    start = graph.offsets[block.source] + block.source_start
    return np.arange(start, start + block.weights.shape[0])


def _targets(graph: LayeredGraph, block: Block) -> npt.NDArray[np.int64]:
    start = graph.offsets[block.target] + block.target_start
    return np.arange(start, start + block.weights.shape[1])


def _read(graph: LayeredGraph) -> npt.NDArray[np.bool_]:
    """Which units have outgoing edges."""
    found = np.zeros(graph.units, bool)
    for block in graph.blocks:
        found[_sources(graph, block)] = True
    return found


def _norms(
    graph: LayeredGraph, blocks: list[Block], scale: Doubles, streams: npt.NDArray[np.int64], units: int
) -> Doubles:
    """Norm of every unit's incoming edges, once their sources are scaled; shape (units,)."""
    squares = np.zeros(units)
    for tied in _summed(blocks):
        block = tied[0]
        factors = np.square(scale[streams[_sources(graph, block)]])
        part = slice(block.target_start, block.target_start + block.weights.shape[1])
        weights: Any = block.weights
        squares[part] += (weights * weights).T @ factors
    return np.sqrt(squares)


def _scaled(graph: LayeredGraph, block: Block, scale: Doubles) -> Block:
    before, after = scale[_sources(graph, block)], 1 / scale[_targets(graph, block)]
    if isinstance(block.weights, np.ndarray):
        return replace(block, weights=(before[:, None] * block.weights * after).astype(np.float32))
    weights = block.weights.copy()  # entries of zero are kept: they say where an edge may stand
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    weights.data = (weights.data * before[rows] * after[weights.indices]).astype(np.float32)
    return replace(block, weights=weights)
