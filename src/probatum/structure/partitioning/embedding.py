"""The spectral embedding of a network's units: the smoothest ways to lay them out on lines (Shi and Malik 2000).

The smallest eigenvectors of I - D^-1/2 A D^-1/2 are the largest of D^-1/2 A D^-1/2. Few of them are sought in a
block Krylov space (Musco and Musco 2015), many by an exact solution of the smaller side's Gram matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.structure.partitioning.normalized_adjacency import NormalizedAdjacency

Floats = npt.NDArray[np.float32]
SPARE_COLUMNS = 4  # at least: their number is a multiple of 8, as products of such blocks are fastest
DEPTH = 6  # blocks in the Krylov space of M M', twice as many where layers do not alternate; more change no n-cut
MOST_COLUMNS = 4096  # of a Krylov space, for the sake of memory
EXACT_UNITS = 6000  # from here on a dense matrix of the units would be too large


@dataclass(frozen=True, kw_only=True, eq=False)
class Embedding:
    """`vectors`: eigenvectors (units, clusters), the constant one first, of length 1; `values`: (clusters,)."""

    vectors: Floats
    values: Floats


def embed(matrix: NormalizedAdjacency, *, count: int, seed: int, depth: int = DEPTH) -> Embedding:
    """Return the `count` largest eigenvectors of the normalized adjacency, rows of units without edges being 0."""
    scale = matrix.scale[0]
    trivial = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    trivial /= np.linalg.norm(trivial)
    size, blocks = len(trivial), depth if matrix.two_sided else 2 * depth
    blocks = min(blocks, max(2, MOST_COLUMNS // count))
    columns = -(-(count - 1 + SPARE_COLUMNS) // 8) * 8
    if 2 * columns * blocks >= size and (size <= EXACT_UNITS or columns >= size):
        values, found = _exact(matrix, trivial, count - 1)
    else:
        start = np.random.default_rng(seed).standard_normal((size, columns), np.float32) * (scale > 0)[:, None]
        values, found = _krylov(matrix.apply, start, trivial, count - 1, blocks)
    return _on_all_units(matrix, np.column_stack([trivial, found]), np.append(np.float32(1), values))


def _on_all_units(matrix: NormalizedAdjacency, found: Floats, values: Floats) -> Embedding:
    """Bring vectors of the smaller side to both: v = M' u / sigma, each half of the eigenvector's length."""
    vectors = np.zeros((matrix.packed.layout.units, found.shape[1]), np.float32)
    if not matrix.two_sided:
        vectors[matrix.units[0]] = found
        return Embedding(vectors=vectors, values=values)
    sigma = np.sqrt(np.maximum(values, 0))
    half = np.float32(np.sqrt(0.5))
    vectors[matrix.units[0]] = found * half
    vectors[matrix.units[1]] = matrix.times(0, found) * (half / np.maximum(sigma, np.float32(1e-6)))
    return Embedding(vectors=vectors, values=sigma)


def _krylov(
    apply: Callable[[Floats], Floats], start: Floats, trivial: Floats, count: int, depth: int
) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues (count,) and vectors (size, count) beside the trivial one."""
    size, columns = start.shape
    basis = np.empty((size, columns * depth), np.float32, order="F")
    images = np.empty_like(basis)
    block = _orthonormal(start, trivial[:, None])
    for step in range(depth):
        part = slice(step * columns, (step + 1) * columns)
        basis[:, part] = block
        image = apply(block)
        images[:, part] = image
        if step < depth - 1:
            known = basis[:, : part.stop]
            image = image - trivial[:, None] * (trivial @ image)
            block = _orthonormal(image, known)
    small = basis.T @ images
    values, mixtures = _largest((small + small.T) / 2, count)
    return values, basis @ mixtures


def _orthonormal(block: Floats, known: Floats) -> Floats:
    """Return an orthonormal basis of a block's part that is orthogonal to what is known."""
    for _ in range(2):
        block, triangle = np.linalg.qr(block - known @ (known.T @ block))
        sizes = np.abs(np.diagonal(triangle))
        if sizes.min() > 1e-2 * sizes.max():
            break
    return block


def _largest(symmetric: npt.NDArray[np.floating], count: int) -> tuple[Floats, Floats]:
    from scipy.linalg import eigh

    size = len(symmetric)
    values, vectors = eigh(symmetric, subset_by_index=(size - count, size - 1), driver="evr", check_finite=False)
    return values[::-1].astype(np.float32), vectors[:, ::-1].astype(np.float32)


def _exact(matrix: NormalizedAdjacency, trivial: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the same from the whole matrix; the trivial vector is moved to the lower end."""
    whole = matrix.apply(np.eye(len(trivial), dtype=np.float32))
    even = (whole + whole.T) / 2 - 3 * np.outer(trivial, trivial)
    return _largest(even, count)
