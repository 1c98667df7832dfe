"""At which depth of a network do the kernels show stripes? Weight banding of every convolution, layer by layer.

Petrov et al., "Weight Banding", Distill 2021, see stripes in the last layer only; here each layer is measured and
compared with all those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.networks.layered_graph import LayeredGraph
from probatum.result import Result, axis
from probatum.structure.factorised_kernels import FactorisedPair, compare_pair, factorised_pairs
from probatum.structure.layer_banding import Kind, LayerBanding, finite, layer_banding, weighted_depths

MARKS: Mapping[Kind, str] = {"convolution": "o", "depthwise": "v", "composed": "s"}


@dataclass(frozen=True, kw_only=True)
class BandingByDepth(Result):
    """Stripes at every depth of a network.

    `layers`: every convolution with square kernels of 2x2 or more, in order; `composed`: depthwise-separable blocks,
    multiplied out; `pairs`: 1xk and kx1 convolutions, compared. `notes`: what could not be measured, and why.
    """

    network: str
    layers: tuple[LayerBanding, ...]
    composed: tuple[LayerBanding, ...]
    pairs: tuple[FactorisedPair, ...]
    notes: tuple[str, ...]
    seed: int

    def layer(self, name: str) -> LayerBanding:
        """Return the layer of that name; `ValueError` names what there is."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"no banding of {name!r}; there is {', '.join(layer.name for layer in self.layers)}")

    def summary(self) -> str:
        """Say how the last convolution compares with the earlier ones, and where the stripes are strongest."""
        parts = [f"{self.network}: {_last(self.layers, 'convolution')}"] if self.layers else [f"{self.network}:"]
        if len(self.layers) > 1:
            top = max(self.layers, key=lambda layer: abs(layer.banding.b))
            parts.append(f"strongest of {len(self.layers)} is {top.name} (B = {top.banding.b:+.2f})")
        if self.composed:
            parts.append(_last(self.composed, "separable block, multiplied out,"))
        if self.pairs:
            last = self.pairs[-1]
            parts.append(
                f"of {len(self.pairs)} factorised pairs the last ({last.vertical}, {last.horizontal}) has "
                f"{last.y_share:.0%} of its weight varying along y and {last.x_share:.0%} along x"
            )
        return "; ".join(parts)

    def plot(self, ax: Any = None) -> Any:
        """Draw B by depth, with intervals: above 0 horizontal stripes, below 0 vertical ones."""
        ax = axis(ax)
        ax.axhline(0, color="0.5", linestyle=":")
        for kind, mark in MARKS.items():
            chosen = [layer for layer in (*self.layers, *self.composed) if layer.kind == kind]
            found = [layer.banding for layer in chosen]
            if found:
                values = [(result.b, result.low, result.high) for result in found]
                _points(ax, [layer.depth for layer in chosen], values, mark, kind)
        if self.pairs:
            values = [(pair.b, pair.low, pair.high) for pair in self.pairs]
            _points(ax, [pair.depth for pair in self.pairs], values, "D", "pair of 1xk and kx1")
        ax.set(ylim=(-1, 1), xlabel="depth (layers with weights)", ylabel="B (horizontal > 0)")
        ax.set_title(f"Banding by depth, {self.network}")
        ax.legend(fontsize="small")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return B by depth, the share of units by depth, and the units of the strongest layer."""
        shown: dict[str, Callable[[Any], Any]] = {"B by depth": self.plot}
        measured = (*self.layers, *self.composed)
        if measured:
            shown["Share of units with more variation by row than by column"] = self._plot_share
            top = max(measured, key=lambda layer: abs(layer.banding.b))
            shown[f"Row and column share of each unit of {top.name}, where B is largest"] = top.banding.plot
        return shown

    def _plot_share(self, ax: Any = None) -> Any:
        ax = axis(ax)
        ax.axhline(0.5, color="0.5", linestyle=":")
        for kind, mark in MARKS.items():
            chosen = [layer for layer in (*self.layers, *self.composed) if layer.kind == kind]
            if chosen:
                shares = [layer.banding.share for layer in chosen]
                ax.plot([layer.depth for layer in chosen], shares, mark, label=kind)
        ax.set(ylim=(0, 1), xlabel="depth (layers with weights)", ylabel="units with R > C")
        ax.legend(fontsize="small")
        return ax


def banding_by_depth(
    network: LayeredGraph, *, draws: int = 9_999, rank: int | None = None, seed: int = 0
) -> BandingByDepth:
    """Measure the stripes of every convolution of a network.

    `network`: a graph whose layers keep their weights. Convolutions with square kernels of 2x2 or more are measured
    by `banding`; depthwise-separable blocks also multiplied out; a kx1 convolution is compared with the 1xk one
    behind or beside it; 1x1 convolutions and dense layers have no stripes. `draws`: random swaps behind every p.
    `rank`: also measure B of each unit's weights cut to that rank (3 in the article). `seed` decides swaps and
    bootstrap. Raises `ValueError` where no layer can be measured, and, naming the tensor, for weights that are not
    finite.
    """
    if draws < 1 or (rank is not None and rank < 1):
        raise ValueError(f"{draws} draws, rank {rank}: give at least 1 of either")
    measured = layer_banding(network, draws=draws, rank=rank, seed=seed)
    pairs = factorised_pairs(network)
    if not measured.layers and not pairs:
        raise ValueError(_nothing(network, measured.notes))
    return BandingByDepth(
        network=network.name,
        layers=measured.layers,
        composed=measured.composed,
        pairs=tuple(_compared(network, pair, draws, seed) for pair in pairs),
        notes=measured.notes,
        seed=seed,
    )


def _nothing(network: LayeredGraph, notes: tuple[str, ...]) -> str:
    held = [f"{layer.name} {layer.weights.shape}" for layer in network.layers if layer.weights is not None]
    shown = ", ".join([*held[:6], *([f"and {len(held) - 6} more"] if len(held) > 6 else [])])
    return (
        f"{network.name} has no convolution with kernels of 2x2 or more that could be measured; its weights are "
        f"{shown or 'not kept in the graph'}{''.join(f'; {note}' for note in notes)}"
    )


def _compared(network: LayeredGraph, pair: tuple[str, str], draws: int, seed: int) -> FactorisedPair:
    vertical, horizontal = (network.layer(name) for name in pair)
    for layer in (vertical, horizontal):
        finite(np.asarray(layer.weights), layer.tensor or layer.name)
    depth = max(weighted_depths(network)[name] for name in pair)
    return compare_pair(vertical, horizontal, depth=depth, draws=draws, seed=seed)


def _last(layers: tuple[LayerBanding, ...], what: str) -> str:
    last = layers[-1]
    text = (
        f"the last {what} {last.name} has B = {last.banding.b:+.2f} ({last.banding.low:+.2f} to "
        f"{last.banding.high:+.2f}, p = {last.banding.p:.2g}), more by row in {last.banding.share:.0%} of its units"
    )
    if last.contrast is None:
        return text
    than = f"{last.contrast.difference:+.2f} ({last.contrast.low:+.2f} to {last.contrast.high:+.2f})"
    return f"{text}, {than} against the mean of those before it"


def _points(ax: Any, depths: list[int], values: list[tuple[float, float, float]], mark: str, label: str) -> None:
    for depth, (_, low, high) in zip(depths, values, strict=True):
        ax.plot([depth, depth], [low, high], color="0.6", linewidth=1)
    ax.plot(depths, [value[0] for value in values], mark, label=label)
