"""Compiled k-means: many restarts of Lloyd's rounds from greedy k-means++ starts, best inertia kept.

Arthur and Vassilvitskii 2007, with several candidates for each new centre as scikit-learn draws them. Points stand
side by side, (dimensions + 1, points), the last row all ones; a centre is its place and minus half its squared
length, so that one matrix product says how near every point is to every centre ("closeness": half the point's
squared length less half the squared distance).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from probatum.structure.partitioning.random_kernels import Floats, State, fraction

Ints = npt.NDArray[np.int32]
Sums = npt.NDArray[Any]


@njit(cache=True)
def set_centre(centre: Floats, row: Sums, share: float) -> float:
    """Put a centre (dims + 1,) at `row` (dims,) times `share`; return the squared length of its move."""
    half, shift = 0.0, 0.0
    for dim in range(centre.size - 1):
        place = np.float32(row[dim] * share)
        shift += float((place - centre[dim]) ** 2)
        half += float(place * place)
        centre[dim] = place
    centre[centre.size - 1] = -0.5 * half
    return shift


@njit(cache=True, fastmath={"contract", "reassoc"})
def _with_candidate(nearest: Floats, norms: Floats, closeness: Floats, out: Floats) -> float:
    """Fill `out` with squared distances to the nearest centre once the candidate is one; return their sum."""
    total = np.float32(0)
    for place in range(out.size):
        distance = max(norms[place] - np.float32(2) * closeness[place], np.float32(0))
        kept = min(nearest[place], distance)
        out[place] = kept
        total += kept
    return float(total)


@njit(cache=True, fastmath={"contract", "reassoc"})
def _fill_parts(weights: Floats, parts: Floats) -> float:
    """Fill `parts` with the sums of 64 weights each; return the sum of all."""
    everything = 0.0
    for part in range(parts.size):
        total = np.float32(0)
        for place in range(64 * part, min(64 * part + 64, weights.size)):
            total += weights[place]
        parts[part] = total
        everything += float(total)
    return everything


@njit(cache=True)
def _drawn(weights: Floats, parts: Floats, total: float, state: State) -> int:
    """Return a place, as likely as its weight."""
    wanted, part = fraction(state) * total, 0
    while part < parts.size - 1 and wanted > parts[part]:
        wanted -= parts[part]
        part += 1
    stop = min(64 * part + 64, weights.size)
    for place in range(64 * part, stop):
        wanted -= weights[place]
        if wanted < 0:
            return place
    return stop - 1


@njit(cache=True)
def start_centres(points: Floats, rows: Floats, norms: Floats, centres: Floats, state: State) -> None:
    """Fill centres (clusters, dims + 1) by greedy k-means++."""
    clusters, count = centres.shape[0], points.shape[1]
    trials = 2 + int(np.log(clusters))
    candidates = np.zeros((trials, centres.shape[1]), np.float32)
    closeness, kept = np.empty((trials, count), np.float32), np.empty((trials, count), np.float32)
    parts = np.empty((count + 63) // 64, np.float32)
    set_centre(centres[0], rows[int(fraction(state) * count)], 1.0)
    np.dot(centres[:1], points, closeness[:1])
    nearest = np.full(count, np.inf, np.float32)
    _with_candidate(nearest, norms, closeness[0], kept[0])
    nearest[:] = kept[0]
    for cluster in range(1, clusters):
        total = _fill_parts(nearest, parts)
        for trial in range(trials):
            set_centre(candidates[trial], rows[_drawn(nearest, parts, total, state)], 1.0)
        np.dot(candidates, points, closeness)
        best, best_sum = 0, np.inf
        for trial in range(trials):
            found = _with_candidate(nearest, norms, closeness[trial], kept[trial])
            if found < best_sum:
                best, best_sum = trial, found
        nearest[:] = kept[best]
        centres[cluster] = candidates[best]


@njit(cache=True)
def assign(points: Floats, centres: Floats, closeness: Floats, labels: Ints, best: Floats) -> None:
    """Fill labels (n,) with the nearest centre and `best` with the closeness to it."""
    np.dot(centres, points, closeness)
    best[:] = closeness[0]
    labels[:] = 0
    for cluster in range(1, centres.shape[0]):
        row, number = closeness[cluster], np.int32(cluster)
        for place in range(labels.size):
            nearer = row[place] > best[place]
            best[place] = row[place] if nearer else best[place]
            labels[place] = number if nearer else labels[place]


@njit(cache=True)
def _move(rows: Floats, labels: Ints, point: int, cluster: int, counts: Ints, sums: Sums) -> None:
    """Put one point into another cluster."""
    was = labels[point]
    for dim in range(rows.shape[1]):
        sums[cluster, dim] += rows[point, dim]
        sums[was, dim] -= rows[point, dim]
    counts[cluster] += 1
    counts[was] -= 1
    labels[point] = cluster


@njit(cache=True)
def _sum_all(rows: Floats, labels: Ints, counts: Ints, sums: Sums) -> None:
    """Fill counts and sums (clusters, dims) of all clusters."""
    counts[:] = 0
    sums[:] = 0
    for point in range(labels.size):
        cluster = labels[point]
        for dim in range(rows.shape[1]):
            sums[cluster, dim] += rows[point, dim]
        counts[cluster] += 1


@njit(cache=True)
def _follow(rows: Floats, found: Ints, labels: Ints, counts: Ints, sums: Sums) -> int:
    """Put every point where it was found to belong; return how many were elsewhere."""
    changed = 0
    for point in range(labels.size):
        changed += found[point] != labels[point]
    if changed > labels.size // 8:
        labels[:] = found
        _sum_all(rows, labels, counts, sums)
    elif changed:
        for point in range(labels.size):
            if found[point] != labels[point]:
                _move(rows, labels, point, found[point], counts, sums)
    return changed


@njit(cache=True)
def _fill_empty(rows: Floats, best: Floats, norms: Floats, labels: Ints, counts: Ints, sums: Sums) -> None:
    """Give each empty cluster the point that is farthest from its centre."""
    for cluster in range(counts.size):
        if counts[cluster] == 0:
            far, chosen = -np.inf, -1
            for point in range(rows.shape[0]):
                distance = norms[point] - 2 * best[point]
                if distance > far and counts[labels[point]] > 1:
                    far, chosen = distance, point
            if chosen >= 0:
                _move(rows, labels, chosen, cluster, counts, sums)
                best[chosen] = 0.5 * norms[chosen]


@njit(cache=True)
def one_run(
    points: Floats, rows: Floats, norms: Floats, clusters: int, rounds: int, tolerance: float, state: State
) -> tuple[Ints, float]:
    """Return labels (n,) and inertia of one start of k-means on rows (n, dims), side by side in `points`."""
    count, dims = rows.shape
    centres = np.zeros((clusters, dims + 1), np.float32)
    start_centres(points, rows, norms, centres, state)
    closeness, best = np.empty((clusters, count), np.float32), np.empty(count, np.float32)
    found, labels = np.empty(count, np.int32), np.full(count, -1, np.int32)
    counts, sums = np.zeros(clusters, np.int32), np.zeros((clusters, dims), np.float64)
    for turn in range(rounds):
        assign(points, centres, closeness, found, best)
        if _follow(rows, found, labels, counts, sums) == 0:
            break
        _fill_empty(rows, best, norms, labels, counts, sums)
        shift = 0.0
        for cluster in range(clusters):
            shift += set_centre(centres[cluster], sums[cluster], 1.0 / max(counts[cluster], 1))
        if shift <= tolerance or turn == rounds - 1:
            assign(points, centres, closeness, labels, best)
            break
    return labels, np.sum(norms.astype(np.float64)) - 2 * np.sum(best.astype(np.float64))


@njit(cache=True)
def best_run(
    points: Floats, rows: Floats, norms: Floats, clusters: int, runs: int, rounds: int, tolerance: float, state: State
) -> tuple[Ints, float]:
    """Return labels and inertia of the best of several runs (see `one_run`)."""
    labels, inertia = one_run(points, rows, norms, clusters, rounds, tolerance, state)
    for _ in range(runs - 1):
        other, found = one_run(points, rows, norms, clusters, rounds, tolerance, state)
        if found < inertia:
            labels, inertia = other, found
    return labels, inertia
