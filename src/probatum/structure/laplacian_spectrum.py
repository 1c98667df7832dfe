"""The smallest eigenvalues of a layered network's normalized Laplacian, with their vectors, in torch.

Where the layers fall into two sides with edges only between them, as in every chain, the eigenvalues are one minus
the singular values of the matrix between the sides, found on the side with fewer units (Dhillon 2001,
"Co-clustering documents and words using bipartite spectral graph partitioning").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

SPARE = 4  # vectors carried along beyond those asked for; they speed up the convergence of the last
CYCLES = 8
LARGE = 2_000  # units on the smaller side above which no exact solution is tried
LARGE_CYCLES = 60
TOLERANCE = 1e-3  # of a residual's norm where the largest eigenvalue is 1

Pair = tuple[int, int]


def laplacian_spectrum(
    pairs: Sequence[Pair], units: Sequence[int], blocks: Sequence[Any], *, count: int, memory: dict[str, Any] | None
) -> tuple[Any, list[Any]]:
    """Return the `count` smallest eigenvalues of I - D^-1/2 A D^-1/2 and the vectors y, of each layer's units.

    `pairs`: source and target layer of each block. `units`: number of units of each layer. `blocks`: sizes of the
    edges, tensors (target units, source units), none negative. The vectors, shape (units, count), are scaled to
    y'Dy = 1; a unit without edges has zeros. `memory`: see `ncut_penalty`. Raises `ValueError` if there are not so
    many eigenvalues below those that any bipartite graph has twice.
    """
    import torch

    with torch.no_grad():
        scales = _scales(pairs, units, blocks)
        scaled = [
            scales[target][:, None] * block * scales[source]
            for (source, target), block in zip(pairs, blocks, strict=True)
        ]
        sides = _two_sides(pairs, len(units))
        kept = _smaller(sides, units) if sides else list(range(len(units)))
        size = sum(units[layer] for layer in kept)
        if count > size:
            raise ValueError(f"{count - 1} eigenvalues of a graph with {size} units on a side: at most {size - 1}")
        apply = _squared(pairs, scaled, units, kept) if sides else _shifted(pairs, scaled, units)
        values, small = _largest(apply, size, count, memory, scaled[0])
        parts = dict(zip(kept, small.split([units[layer] for layer in kept]), strict=True))
        if not sides:
            return 2 - values, [scales[layer][:, None] * parts[layer] for layer in range(len(units))]
        cosines = values.clamp(min=0).sqrt()
        others = _times(pairs, scaled, units, parts)
        for layer, product in others.items():
            parts[layer] = product / cosines.clamp(min=1e-6)
        half = 0.5**0.5
        return 1 - cosines, [half * scales[layer][:, None] * parts[layer] for layer in range(len(units))]


def _scales(pairs: Sequence[Pair], units: Sequence[int], blocks: Sequence[Any]) -> list[Any]:
    degrees = [blocks[0].new_zeros(size) for size in units]
    for (source, target), block in zip(pairs, blocks, strict=True):
        degrees[source] += block.sum(0)
        degrees[target] += block.sum(1)
    return [degree.rsqrt().masked_fill(degree <= 0, 0.0) for degree in degrees]


def _two_sides(pairs: Sequence[Pair], layers: int) -> list[int] | None:
    """Return 0 or 1 for each layer so that edges lead from 0 to 1 or back only, None where that cannot be."""
    near: list[list[int]] = [[] for _ in range(layers)]
    for source, target in pairs:
        near[source].append(target)
        near[target].append(source)
    sides = [-1] * layers
    for first in range(layers):
        waiting = [first] if sides[first] < 0 else []
        sides[first] = max(sides[first], 0)
        while waiting:
            layer = waiting.pop()
            for other in near[layer]:
                if sides[other] < 0:
                    sides[other] = 1 - sides[layer]
                    waiting.append(other)
                elif sides[other] == sides[layer]:
                    return None
    return sides


def _smaller(sides: Sequence[int], units: Sequence[int]) -> list[int]:
    groups = [[layer for layer, side in enumerate(sides) if side == wanted] for wanted in (0, 1)]
    return min(groups, key=lambda group: sum(units[layer] for layer in group))


def _times(pairs: Sequence[Pair], scaled: Sequence[Any], units: Sequence[int], parts: dict[int, Any]) -> dict[int, Any]:
    """Return the scaled adjacency times the vectors `parts`, for every layer next to one of them."""
    product: dict[int, Any] = {}
    for (source, target), block in zip(pairs, scaled, strict=True):
        for layer, other, matrix in ((target, source, block), (source, target, block.T)):
            if other in parts:
                step = matrix @ parts[other]
                product[layer] = product[layer].add_(step) if layer in product else step
    return product


def _squared(
    pairs: Sequence[Pair], scaled: Sequence[Any], units: Sequence[int], kept: Sequence[int]
) -> Callable[[Any], Any]:
    import torch

    lengths = [units[layer] for layer in kept]

    def apply(x: Any) -> Any:
        across = _times(pairs, scaled, units, dict(zip(kept, x.split(lengths), strict=True)))
        back = _times(pairs, scaled, units, across)
        return torch.cat([back[layer] for layer in kept])

    return apply


def _shifted(pairs: Sequence[Pair], scaled: Sequence[Any], units: Sequence[int]) -> Callable[[Any], Any]:
    import torch

    def apply(x: Any) -> Any:
        product = _times(pairs, scaled, units, dict(enumerate(x.split(list(units)))))
        return x + torch.cat([product[layer] for layer in range(len(units))])

    return apply


def _largest(
    apply: Callable[[Any], Any], size: int, count: int, memory: dict[str, Any] | None, like: Any
) -> tuple[Any, Any]:
    """Return the largest eigenvalues, falling, and their vectors of the symmetric matrix behind `apply`."""
    import torch

    width = min(count + SPARE, size)
    start = memory.get("vectors") if memory is not None else None
    found = None
    if start is not None and start.shape == (size, width):
        found = _krylov(apply, start.to(like), count, cycles=CYCLES)
    if found is None and size > LARGE:
        start = torch.randn(size, width, generator=torch.Generator().manual_seed(0)).to(like)
        found = _krylov(apply, start, count, cycles=LARGE_CYCLES)
    if found is None:
        matrix = apply(torch.eye(size, dtype=like.dtype, device=like.device))
        found = _dense(matrix, width)
    values, vectors = found
    if memory is not None:
        memory["vectors"] = vectors
    return values[:count], vectors[:, :count]


def _dense(matrix: Any, width: int) -> tuple[Any, Any]:
    import torch

    if matrix.device.type != "cpu":
        values, vectors = torch.linalg.eigh(matrix)
        return values[-width:].flip(0), vectors[:, -width:].flip(1)
    from scipy.linalg import eigh

    size = len(matrix)
    low, columns = eigh(matrix.numpy(), subset_by_index=[size - width, size - 1], overwrite_a=True, check_finite=False)
    return torch.from_numpy(low[::-1].copy()), torch.from_numpy(columns[:, ::-1].copy())


def _krylov(apply: Callable[[Any], Any], start: Any, count: int, *, cycles: int) -> tuple[Any, Any] | None:
    """Improve the vectors in cycles of a block Krylov space of three powers; None where they do not settle."""
    import torch

    x = start
    for _ in range(cycles):
        first = apply(x)
        basis = torch.linalg.qr(torch.cat([x, first, apply(first)], dim=1))[0]
        image = apply(basis)
        values, turn = torch.linalg.eigh(basis.T @ image)
        values, turn = values[-start.shape[1] :].flip(0), turn[:, -start.shape[1] :].flip(1)
        x = basis @ turn
        if float((image @ turn - x * values)[:, :count].norm(dim=0).max()) < TOLERANCE:
            return values, x
    return None
