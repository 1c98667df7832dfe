"""Does a network's first layer hold a split by colour, although nothing divides it? For any network's graph.

The test of `implicit_branches` (after Voss et al., "Branch Specialization", Distill 2021), with the layer and the
weights that read it found in the layered graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.result import Result
from probatum.structure.implicit_branches import ImplicitBranches, implicit_branches


@dataclass(frozen=True, kw_only=True)
class UnbranchedSplit(Result):
    """The comparison `found` of the units of `layer`, by the absolute weights with which the `readers` read them."""

    layer: str
    readers: tuple[str, ...]
    found: ImplicitBranches

    def summary(self) -> str:
        """Say how the first vector of each variant follows colour."""
        return f"{self.layer}, read by {', '.join(self.readers)}: {self.found.summary()}"

    def plot(self, ax: Any = None) -> Any:
        """Draw the units at their places in the two normalised vectors."""
        return self.found.plot(ax)

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the pictures of the comparison."""
        return self.found.pictures()


def unbranched_split(
    network: LayeredGraph, *, layer: str | None = None, draws: int = 1_999, seed: int = 0
) -> UnbranchedSplit:
    """Compare the leading singular vectors of the absolute weights behind a first layer with colour and frequency.

    `layer`: a convolution that reads pictures; left out, the first one of the network. The weights of every layer that
    reads it count, each divided by its number of kernel positions; batch norm is folded in, as in the graph. `draws`
    permutations of the scores, decided by `seed`, stand behind each p. Raises `ValueError` where there is no such
    layer, and for weights that `implicit_branches` refuses.
    """
    first = _first(network) if layer is None else network.layer(layer)
    if first.weights is None or first.weights.ndim != 4:
        raise ValueError(f"{network.name}: {first.name!r} is no convolution over pictures, but {first.kind}")
    read = [block for block in network.blocks if block.source == first.name]
    if not read:
        raise ValueError(f"{network.name}: nothing reads {first.name!r}; give a layer that others read")
    parts = {block.target: np.zeros((first.units, network.layer(block.target).units)) for block in read}
    for block in read:
        weights = _dense(block)
        rows, columns = (
            slice(start, start + size)
            for start, size in zip((block.source_start, block.target_start), weights.shape, strict=True)
        )
        parts[block.target][rows, columns] += weights / block.area
    strengths = np.concatenate(list(parts.values()), axis=1).T
    found = implicit_branches(first.weights, second=strengths, draws=draws, seed=seed)
    return UnbranchedSplit(layer=first.name, readers=tuple(parts), found=found)


def _first(network: LayeredGraph) -> Layer:
    inputs = {layer.name for layer in network.layers if layer.kind == "input"}
    readers = {block.target for block in network.blocks if block.source in inputs}
    for layer in network.layers:
        if layer.name in readers and layer.weights is not None and layer.weights.ndim == 4:
            return layer
    raise ValueError(
        f"{network.name}: no convolution reads pictures; there is no first layer whose filters have colour"
    )


def _dense(block: Block) -> npt.NDArray[np.float64]:
    weights = block.weights
    return np.asarray(weights if isinstance(weights, np.ndarray) else weights.toarray(), np.float64)
