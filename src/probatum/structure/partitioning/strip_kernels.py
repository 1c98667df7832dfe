"""Compiled passes over all edges of a packed network: transposes, degrees, weight inside clusters, products.

A strip (see `packing`) is a row of six numbers: first and one past the last of its own units, first of the other
units and their number, 0 for dense or 1 for sparse, and where its rows begin in `values` or in `pointers`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Table = npt.NDArray[np.int64]
REASSOCIATE = {"contract", "reassoc"}


@njit(cache=True)
def transpose(values: Floats, offset: int, rows: int, columns: int) -> None:
    """Write the transpose of the matrix at `offset` right behind it, tile by tile."""
    behind = offset + rows * columns
    for top in range(0, rows, 16):
        bottom = min(top + 16, rows)
        for left in range(0, columns, 16):
            for column in range(left, min(left + 16, columns)):
                for row in range(top, bottom):
                    values[behind + column * rows + row] = values[offset + row * columns + column]


@njit(cache=True)
def transpose_sparse(
    entries: Floats, indices: Ints, pointers: Table, pointer: int, rows: int, columns: int, size: int
) -> None:
    """Write rows and columns exchanged behind a sparse matrix whose pointers begin at `pointer`."""
    first, below = pointers[pointer], pointer + rows + 1
    counts = np.zeros(columns + 1, np.int64)
    for place in range(first, first + size):
        counts[indices[place] + 1] += 1
    counts[0] = first + size
    for column in range(columns):
        counts[column + 1] += counts[column]
        pointers[below + column] = counts[column]
    pointers[below + columns] = counts[columns]
    for row in range(rows):
        for place in range(pointers[pointer + row], pointers[pointer + row + 1]):
            there = counts[indices[place]]
            counts[indices[place]] += 1
            entries[there] = entries[place]
            indices[there] = row


@njit(cache=True)
def marked_places(taken: npt.NDArray[np.uint8], columns: int, pointers: Table, pointer: int, indices: Ints) -> None:
    """Write pointers and column indices of the places marked in `taken` (rows * columns,)."""
    there = pointers[pointer]
    last = pointers[pointer] + taken.sum() - 1
    for row in range(taken.size // columns):
        marks = taken[row * columns : (row + 1) * columns]
        for column in range(columns):
            if there <= last:
                indices[there] = column  # is written over until a marked place moves on
            there += marks[column]
        pointers[pointer + row + 1] = there


@njit(cache=True, fastmath={"contract"})
def sparse_times(
    entries: Floats, indices: Ints, pointers: Table, pointer: int, rows: int, factor: Floats, out: Floats
) -> None:
    """Fill `out` (rows, columns of factor) with the product of a sparse matrix and `factor`, four entries a time."""
    for row in range(rows):
        place, stop = pointers[pointer + row], pointers[pointer + row + 1]
        line = out[row]
        line[:] = 0
        while place + 4 <= stop:
            one, two, three, four = entries[place], entries[place + 1], entries[place + 2], entries[place + 3]
            a, b = factor[np.uint32(indices[place])], factor[np.uint32(indices[place + 1])]
            c, d = factor[np.uint32(indices[place + 2])], factor[np.uint32(indices[place + 3])]
            for column in range(line.size):
                line[column] += one * a[column] + two * b[column] + three * c[column] + four * d[column]
            place += 4
        while place < stop:
            weight, a = entries[place], factor[np.uint32(indices[place])]
            for column in range(line.size):
                line[column] += weight * a[column]
            place += 1


@njit(cache=True, fastmath=REASSOCIATE)
def _sum_and_add(row: Floats, sums: Doubles) -> float:
    """Return the sum of a row and add each of its weights to `sums`."""
    total = 0.0
    for place in range(row.size):
        total += row[place]
        sums[place] += row[place]
    return total


@njit(cache=True)
def degrees(units: int, strips: Table, values: Floats, entries: Floats, indices: Ints, pointers: Table) -> Doubles:
    """Return the sum of the weights at each unit, (units,); `strips`: each block once."""
    found = np.zeros(units, np.float64)
    for strip in strips:
        own, stop, other, width, sparse, offset = strip
        for row in range(stop - own):
            if sparse:
                for place in range(pointers[offset + row], pointers[offset + row + 1]):
                    found[own + row] += entries[place]
                    found[other + indices[place]] += entries[place]
            else:
                begin = offset + row * width
                found[own + row] += _sum_and_add(values[begin : begin + width], found[other : other + width])
    return found


@njit(cache=True, fastmath=REASSOCIATE)
def _sum_alike(row: Floats, labels: Ints, label: int) -> float:
    """Return the sum of a row's weights to units with one label."""
    total = 0.0
    for place in range(row.size):
        total += float(row[place]) if labels[place] == label else 0.0
    return total


@njit(cache=True)
def weight_inside(
    clusters: int, labels: Ints, strips: Table, values: Floats, entries: Floats, indices: Ints, pointers: Table
) -> Doubles:
    """Return for each cluster twice the weight of the edges between its units, (clusters,); strips as before."""
    inside = np.zeros(clusters, np.float64)
    for strip in strips:
        own, stop, other, width, sparse, offset = strip
        for row in range(stop - own):
            label = labels[own + row]
            if label < 0:
                continue
            if sparse:
                total = 0.0
                for place in range(pointers[offset + row], pointers[offset + row + 1]):
                    alike = labels[other + np.uint32(indices[place])] == label
                    total += float(entries[place]) if alike else 0.0
                inside[label] += 2 * total
            else:
                begin = offset + row * width
                inside[label] += 2 * _sum_alike(values[begin : begin + width], labels[other : other + width], label)
    return inside
