"""Compiled scaling of rows and columns in turn until their sums are those of another matrix (Sinkhorn 1967)."""

from __future__ import annotations

import numpy as np
from numba import njit

from probatum.structure.partitioning.strip_kernels import REASSOCIATE, Doubles, Floats, Ints, Table

ROUNDS = 500
TOLERANCE = 1e-5  # largest relative difference of a row's sum


@njit(cache=True, fastmath=REASSOCIATE)
def _row_sums(matrix: Floats, columns: Doubles, out: Doubles) -> None:
    """Fill `out` with the sums of rows whose columns are scaled."""
    for row in range(matrix.shape[0]):
        total = 0.0
        for column in range(matrix.shape[1]):
            total += matrix[row, column] * columns[column]
        out[row] = total


@njit(cache=True, fastmath={"contract"})
def _column_sums(matrix: Floats, rows: Doubles, out: Doubles) -> None:
    """Fill `out` with the sums of columns whose rows are scaled."""
    out[:] = 0
    for row in range(matrix.shape[0]):
        factor = rows[row]
        for column in range(matrix.shape[1]):
            out[column] += factor * matrix[row, column]


@njit(cache=True)
def _scale(wanted: Doubles, sums: Doubles, factors: Doubles) -> float:
    """Set factors to wanted / sums; return the largest relative change of a sum that is wanted."""
    worst = 0.0
    for place in range(wanted.size):
        if wanted[place] > 0 and sums[place] > 0:
            worst = max(worst, abs(factors[place] * sums[place] / wanted[place] - 1))
            factors[place] = wanted[place] / sums[place]
    return worst


@njit(cache=True)
def balance(matrix: Floats, model: Floats) -> int:
    """Scale rows and columns of a matrix, in place, until their sums are the model's; return the rounds."""
    rows, columns = np.ones(matrix.shape[0]), np.ones(matrix.shape[1])
    row_goal, column_goal, row_sums, column_sums = rows.copy(), columns.copy(), rows.copy(), columns.copy()
    _row_sums(model, columns, row_goal)
    _column_sums(model, rows, column_goal)
    turn = 0
    while turn < ROUNDS:
        turn += 1
        _row_sums(matrix, columns, row_sums)
        worst = _scale(row_goal, row_sums, rows)
        _column_sums(matrix, rows, column_sums)
        _scale(column_goal, column_sums, columns)
        if worst < TOLERANCE:
            break
    for row in range(matrix.shape[0]):
        for column in range(matrix.shape[1]):
            matrix[row, column] *= rows[row] * columns[column]
    return turn


@njit(cache=True)
def _sparse_sums(
    entries: Floats, indices: Ints, pointers: Table, rows: Doubles, columns: Doubles, row_sums: Doubles, sums: Doubles
) -> None:
    """Fill both sums: rows' with columns scaled, and columns' with rows scaled."""
    sums[:] = 0
    for row in range(rows.size):
        total = 0.0
        for place in range(pointers[row], pointers[row + 1]):
            total += entries[place] * columns[indices[place]]
            sums[indices[place]] += entries[place] * rows[row]
        row_sums[row] = total


@njit(cache=True)
def balance_sparse(entries: Floats, model: Floats, indices: Ints, pointers: Table, width: int) -> int:
    """Do the same for compressed rows whose model has its entries in the same places."""
    rows, columns = np.ones(pointers.size - 1), np.ones(width)
    row_goal, column_goal, row_sums, column_sums = rows.copy(), columns.copy(), rows.copy(), columns.copy()
    _sparse_sums(model, indices, pointers, rows, columns, row_goal, column_goal)
    turn = 0
    while turn < ROUNDS:
        turn += 1
        _sparse_sums(entries, indices, pointers, rows, columns, row_sums, column_sums)
        worst = _scale(row_goal, row_sums, rows)
        _sparse_sums(entries, indices, pointers, rows, columns, row_sums, column_sums)
        _scale(column_goal, column_sums, columns)
        if worst < TOLERANCE:
            break
    for row in range(rows.size):
        for place in range(pointers[row], pointers[row + 1]):
            entries[place] *= rows[row] * columns[indices[place]]
    return turn
