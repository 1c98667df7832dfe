"""Pairs of a 1xk and a kx1 convolution that stand in for a square one: which of the two does the spatial work?

Szegedy et al. 2016, "Rethinking the Inception Architecture", for such pairs. Where a network bands, the kernel that
looks up and down should vary more over its positions than the one that looks left and right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import Layer, LayeredGraph

RESAMPLES = 2_000  # bootstrap samples of the interval
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FactorisedPair:
    """A convolution along y (`vertical`, kernel kx1) and one along x (`horizontal`, 1xk), behind or beside it.

    `y_share`, `x_share`: mean over units of the share of squared weight that varies over the positions, (k - 1) / k
    without structure. `b` = (y - x) / (y + x), positive as in horizontal stripes, with its 95 % bootstrap interval
    over units; `p`: two-sided, by dealing the units of both out anew. `depth`: place of the later one in the network.
    """

    vertical: str
    horizontal: str
    depth: int
    kernel: int
    y_share: float
    x_share: float
    b: float
    low: float
    high: float
    p: float


def factorised_pairs(graph: LayeredGraph) -> tuple[tuple[str, str], ...]:
    """Find pairs (kx1 layer, 1xk layer): one reads the other, or both read the same layers; each is used once."""
    pairs: list[tuple[str, str]] = []
    sources = {layer.name: _sources(graph, layer.name) for layer in graph.layers}
    narrow = [layer for layer in graph.layers if is_narrow(layer)]
    used: set[str] = set()
    for first in narrow:
        partners = [layer for layer in narrow if layer.name not in used and _complete(first, layer)]
        behind = [layer for layer in partners if first.name in sources[layer.name]]
        beside = [layer for layer in partners if sources[first.name] == sources[layer.name]]
        if first.name not in used and (behind or beside):
            second = (behind or beside)[0]
            used |= {first.name, second.name}
            pairs.append((first.name, second.name) if _way(first) == "y" else (second.name, first.name))
    return tuple(pairs)


def is_narrow(layer: Layer) -> bool:
    """Say whether the layer's kernels are 1xk or kx1, k at least 2."""
    return _way(layer) is not None


def spatial_share(weights: npt.ArrayLike) -> Floats:
    """Return for each unit the share of its squared weight that varies over positions, shape (units,).

    `weights`: shape (units, input channels, *kernel). A unit without any weight has the share 0.
    """
    slices = np.asarray(weights, np.float64)
    flat = slices.reshape(*slices.shape[:2], -1)
    scale = np.abs(flat).max(axis=(1, 2), keepdims=True)
    flat = flat / np.where(scale > 0, scale, 1.0)
    centred = flat - flat.mean(axis=2, keepdims=True)
    total = (flat**2).sum(axis=(1, 2))
    share: Floats = (centred**2).sum(axis=(1, 2)) / np.where(total > 0, total, 1.0)
    return share


def compare_pair(vertical: Layer, horizontal: Layer, *, depth: int, draws: int, seed: int) -> FactorisedPair:
    """Measure one pair. Raises `ValueError` where neither kernel varies over its positions at all."""
    y, x = spatial_share(_weights(vertical)), spatial_share(_weights(horizontal))
    if y.sum() + x.sum() == 0:
        raise ValueError(f"{vertical.tensor} and {horizontal.tensor}: neither varies over its positions")
    rng = np.random.default_rng(seed)
    b, (low, high) = _b(y.mean(), x.mean()), _interval(y, x, rng)
    return FactorisedPair(
        vertical=vertical.name,
        horizontal=horizontal.name,
        depth=depth,
        kernel=_weights(vertical).shape[2],
        y_share=float(y.mean()),
        x_share=float(x.mean()),
        b=float(b),
        low=low,
        high=high,
        p=_permuted_p(y, x, draws, rng),
    )


def _b(y: Floats | float, x: Floats | float) -> Floats:
    both = np.asarray(y + x)
    return np.asarray(y - x) / np.where(both > 0, both, 1.0)


def _interval(y: Floats, x: Floats, rng: np.random.Generator) -> tuple[float, float]:
    means = [rng.multinomial(len(s), np.full(len(s), 1 / len(s)), size=RESAMPLES) @ s / len(s) for s in (y, x)]
    low, high = np.quantile(_b(*means), [0.025, 0.975])
    return float(low), float(high)


def _permuted_p(y: Floats, x: Floats, draws: int, rng: np.random.Generator) -> float:
    together = np.concatenate([y, x])
    seen = abs(y.mean() - x.mean()) * (1 - 1e-12)
    more = 0
    for _ in range(draws):
        dealt = rng.permutation(together)
        more += abs(dealt[: len(y)].mean() - dealt[len(y) :].mean()) >= seen
    return float((1 + more) / (draws + 1))


def _way(layer: Layer) -> str | None:
    if layer.weights is None or layer.weights.ndim != 4:
        return None
    rows, columns = layer.weights.shape[2:]
    return "y" if rows > 1 == columns else "x" if columns > 1 == rows else None


def _complete(first: Layer, second: Layer) -> bool:
    return _weights(first).shape[2:] == _weights(second).shape[2:][::-1]


def _weights(layer: Layer) -> npt.NDArray[np.float32]:
    if layer.weights is None:
        raise ValueError(f"layer {layer.name!r} has no weights")
    return layer.weights


def _sources(graph: LayeredGraph, name: str) -> frozenset[str]:
    return frozenset(block.source for block in graph.blocks if block.target == name)
