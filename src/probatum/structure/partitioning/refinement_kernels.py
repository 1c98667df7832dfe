"""Compiled moves of single units between clusters, each of which lowers the n-cut.

`pull` (clusters, units) holds the weight between each unit and each cluster. Moving a unit changes two rows of it,
at the unit's neighbours, which stand side by side; the best cluster of many units is found at once. Lowering the
sum of cut / volume is the same as raising the sum of inside / volume.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from probatum.structure.partitioning.strip_kernels import Doubles, Floats, Ints, Table

LANES = 64
LEAST_GAIN = 1e-7
FIRST_GAIN, FALL = 3e-3, 3.0  # the first sweep makes only moves that bring this much, each later one a third of it


@njit(cache=True)
def add_unit(
    unit: int,
    row: Floats,
    strips: Table,
    values: Floats,
    entries: Floats,
    indices: Ints,
    pointers: Table,
) -> None:
    """Add a unit's weights to its neighbours' places in `row` (units,); `strips`: those of its layer."""
    for strip in strips:
        own, stop, other, width, sparse, offset = strip
        if own <= unit < stop:
            if sparse:
                begin = offset + unit - own
                for place in range(pointers[begin], pointers[begin + 1]):
                    row[other + np.uint32(indices[place])] += entries[place]
            else:
                begin = offset + (unit - own) * width
                weights, out = values[begin : begin + width], row[other : other + width]
                for place in range(width):
                    out[place] += weights[place]


@njit(cache=True)
def move_unit(
    unit: int,
    losing: Floats,
    gaining: Floats,
    strips: Table,
    values: Floats,
    entries: Floats,
    indices: Ints,
    pointers: Table,
) -> None:
    """Move a unit's weights, at its neighbours, from one row of `pull` to another."""
    for strip in strips:
        own, stop, other, width, sparse, offset = strip
        if own <= unit < stop:
            if sparse:
                begin = offset + unit - own
                for place in range(pointers[begin], pointers[begin + 1]):
                    neighbour = other + np.uint32(indices[place])
                    losing[neighbour] -= entries[place]
                    gaining[neighbour] += entries[place]
            else:
                begin = offset + (unit - own) * width
                weights = values[begin : begin + width]
                out, into = losing[other : other + width], gaining[other : other + width]
                for place in range(width):
                    out[place] -= weights[place]
                    into[place] += weights[place]


@njit(cache=True)
def best_clusters(
    first: int,
    stop: int,
    pull: Floats,
    labels: Ints,
    degrees: Floats,
    inside: Doubles,
    volume: Doubles,
    gain: Floats,
    choice: Ints,
) -> None:
    """Fill `gain` and `choice` (LANES,) for units `first` to `stop`: what the best move would bring, and where to."""
    count = stop - first
    degree, label = degrees[first:stop], labels[first:stop]
    gain[:count] = -np.inf
    for cluster in range(pull.shape[0]):
        row, number = pull[cluster, first:stop], np.int32(cluster)
        within, size = np.float32(inside[cluster]), np.float32(volume[cluster])
        now = within / size
        for lane in range(count):
            brings = (within + np.float32(2) * row[lane]) / (size + degree[lane]) - now
            better = (brings > gain[lane]) & (label[lane] != number)
            gain[lane] = brings if better else gain[lane]
            choice[lane] = number if better else choice[lane]
    for lane in range(count):
        cluster = label[lane]
        if cluster >= 0:
            left = volume[cluster] - degree[lane]
            stays = (inside[cluster] - 2 * pull[cluster, first + lane]) / left if left > 0 else 0.0
            gain[lane] += np.float32(stays - inside[cluster] / volume[cluster])


@njit(cache=True)
def exact_gain(unit: int, old: int, new: int, pull: Floats, degree: float, inside: Doubles, volume: Doubles) -> float:
    """Return how much the sum of inside / volume rises if a unit moves from cluster `old` to `new`."""
    left, joined = volume[old] - degree, volume[new] + degree
    before = inside[old] / volume[old] + inside[new] / volume[new]
    return float((inside[old] - 2 * pull[old, unit]) / left + (inside[new] + 2 * pull[new, unit]) / joined - before)


@njit(cache=True)
def fill_pull(
    layers: Table,
    first_strip: Table,
    strips: Table,
    values: Floats,
    entries: Floats,
    indices: Ints,
    pointers: Table,
    labels: Ints,
    pull: Floats,
) -> None:
    """Fill `pull` (clusters, units) with the weight between units and clusters."""
    pull[:] = 0
    for layer in range(layers.size - 1):
        own = strips[first_strip[layer] : first_strip[layer + 1]]
        for unit in range(layers[layer], layers[layer + 1]):
            if labels[unit] >= 0:
                add_unit(unit, pull[labels[unit]], own, values, entries, indices, pointers)


@njit(cache=True)
def refine(
    layers: Table,
    first_strip: Table,
    strips: Table,
    values: Floats,
    entries: Floats,
    indices: Ints,
    pointers: Table,
    labels: Ints,
    degrees: Doubles,
    pull: Floats,
    sweeps: int,
) -> int:
    """Move units, layer by layer, until no move lowers the n-cut; change `labels` (units,), return the sweeps."""
    fill_pull(layers, first_strip, strips, values, entries, indices, pointers, labels, pull)
    clusters, units = pull.shape
    inside, volume = np.zeros(clusters, np.float64), np.zeros(clusters, np.float64)
    members = np.zeros(clusters, np.int64)
    for unit in range(units):
        cluster = labels[unit]
        if cluster >= 0:
            inside[cluster] += pull[cluster, unit]
            volume[cluster] += degrees[unit]
            members[cluster] += 1
    small = degrees.astype(np.float32)
    gain, choice = np.empty(LANES, np.float32), np.empty(LANES, np.int32)
    for sweep in range(sweeps):
        moved = False
        least = max(LEAST_GAIN, FIRST_GAIN / FALL**sweep)
        for layer in range(layers.size - 1):
            own = strips[first_strip[layer] : first_strip[layer + 1]]
            for first in range(layers[layer], layers[layer + 1], LANES):
                stop = min(first + LANES, layers[layer + 1])
                best_clusters(first, stop, pull, labels, small, inside, volume, gain, choice)
                for unit in range(first, stop):
                    old, new = labels[unit], choice[unit - first]
                    if old < 0 or gain[unit - first] <= least or members[old] < 2:
                        continue
                    if exact_gain(unit, old, new, pull, degrees[unit], inside, volume) <= least:
                        continue
                    inside[old] -= 2 * pull[old, unit]
                    inside[new] += 2 * pull[new, unit]
                    volume[old] -= degrees[unit]
                    volume[new] += degrees[unit]
                    members[old] -= 1
                    members[new] += 1
                    labels[unit] = new
                    move_unit(unit, pull[old], pull[new], own, values, entries, indices, pointers)
                    moved = True
        if not moved and least == LEAST_GAIN:
            return sweep + 1
    return sweeps
