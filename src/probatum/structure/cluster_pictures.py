"""Pictures of a partition of a network: its matrix ordered by cluster, what clusters are made of, and its null."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from probatum.result import axis

LINES = 60  # clusters above which their borders are not drawn
BARS = 60  # clusters above which only the largest are drawn
LEGEND = 9  # layers above which layers are put together by depth


def draw_matrix(matrix: Sequence[Sequence[float]], ends: Sequence[float], ax: Any = None) -> Any:
    """Draw the weights between units over what volumes give by chance, darker for more; clusters are framed."""
    ax = axis(ax)
    ratios = np.asarray(matrix)
    shown = np.sqrt(ratios)  # a few cells would take all of a linear scale
    top = float(np.quantile(shown, 0.995)) or 1.0
    ax.imshow(shown, vmin=0, vmax=top, cmap="Greys", interpolation="nearest", extent=(0, len(ratios), len(ratios), 0))
    starts = [0.0, *ends[:-1]]
    if len(ends) <= LINES:
        for start, end in zip(starts, ends, strict=True):
            ax.plot([start, end, end, start, start], [start, start, end, end, start], color="C0", linewidth=0.9)
    ax.set(xlim=(0, len(ratios)), ylim=(len(ratios), 0), xlabel="units, by cluster and layer", ylabel="units")
    step = max(1, len(ends) // 12)
    middles = [(start + end) / 2 for start, end in zip(starts, ends, strict=True)]
    ax.set_xticks(middles[::step], [str(number) for number in range(0, len(ends), step)])
    ax.set_yticks([])
    return ax


def draw_composition(composition: Sequence[Sequence[int]], layers: Sequence[str], ax: Any = None) -> Any:
    """Draw each cluster as a bar of its numbers of units, stacked by layer from the input up."""
    ax = axis(ax)
    counts = np.asarray(composition)[:BARS]
    names = list(layers)
    if len(names) > LEGEND:
        edges = np.linspace(0, len(names), LEGEND + 1).astype(int)
        counts = np.stack([counts[:, a:b].sum(axis=1) for a, b in pairwise(edges)], axis=1)
        names = [names[a] if b == a + 1 else f"{names[a]} to {names[b - 1]}" for a, b in pairwise(edges)]
    foot = np.zeros(len(counts))
    for number, name in enumerate(names):
        ax.bar(range(len(counts)), counts[:, number], bottom=foot, width=0.8, color=f"C{number}", label=name)
        foot = foot + counts[:, number]
    some = f" (the {BARS} largest of {len(composition)})" if len(composition) > BARS else ""
    ax.set(xlabel=f"cluster{some}", ylabel="units")
    step = max(1, len(counts) // 15)
    ax.set_xticks(range(0, len(counts), step))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small")
    return ax


def draw_null(
    values: Sequence[float], network: float, ax: Any = None, *, repeats: Sequence[float] = (), name: str = "n-cut"
) -> Any:
    """Draw the shuffled networks' values as a histogram, with the network's own as a line and its repeats as ticks."""
    ax = axis(ax)
    spread = max(values) - min(values)
    margin = 0.02 * abs(network) or 0.02  # equal values still get a bar of some width
    limits = None if spread > 0 else (min(values) - margin, max(values) + margin)
    ax.hist(values, bins=min(30, max(5, len(values) // 6)), range=limits, color="C1", alpha=0.75, label="shuffled")
    ax.axvline(network, color="C0", linewidth=2, label="the network")
    if repeats:
        ax.plot(repeats, [0.0] * len(repeats), "|", color="C0", markersize=14, label="solved again", clip_on=False)
    ax.set(xlabel=name, ylabel="networks")
    ax.legend(loc="best", fontsize="small")
    return ax


def draw_beside(rows: Sequence[Sequence[Any]], name: str, ax: Any = None) -> Any:
    """Draw rows of a cluster, its value, and the mean and deviation of random groups (two deviations either way)."""
    ax = axis(ax)
    for place, (_, value, random, spread) in enumerate(rows):
        first = place == 0
        ax.plot([place] * 2, [random - 2 * spread, random + 2 * spread], color="C1", linewidth=6, alpha=0.4)
        ax.plot([place], [random], "_", color="C1", markersize=10, label="random groups" if first else None)
        ax.plot([place], [value], "o", color="C0", label="the cluster" if first else None)
    ax.set_xticks(range(len(rows)), [str(cluster) for cluster, *_ in rows])
    ax.set(xlabel="cluster", ylabel=name)
    ax.legend(loc="best", fontsize="small")
    return ax
