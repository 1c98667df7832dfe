"""Where does a network run in branches that cannot see each other? Found from its graph, not from names.

Three shapes of the same thing: layers side by side in a concatenation (Inception, SqueezeNet), the groups of a
grouped convolution (AlexNet's second layer), and a layer whose readers keep its units apart (AlexNet's first).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.networks.layered_graph import Block, Concatenation, Layer, LayeredGraph

Kind = Literal["concatenation", "groups", "readers"]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Branch:
    """Units of one layer that stand apart from those of the other branches.

    `units`: their numbers within `layer`. `extent`: how far along a side they look back to where the branches part,
    in positions, from the kernels on the way; pooling is not seen, nor are strides.
    """

    name: str
    layer: str
    units: tuple[int, ...]
    extent: int


@dataclass(frozen=True, kw_only=True)
class Branching:
    """A place where units stand in two or more branches; `name` of the concatenation or the layer."""

    name: str
    kind: Kind
    branches: tuple[Branch, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Name of the branch of every unit, branch after branch."""
        return tuple(branch.name for branch in self.branches for _ in branch.units)

    def gather(self, by_layer: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
        """Join values of layers, each of shape (..., units), to one array in the order of `members`."""
        parts = [by_layer[branch.layer][..., list(branch.units)] for branch in self.branches]
        return np.concatenate(parts, axis=-1)


def branches(network: LayeredGraph, place: str | None = None) -> list[Branching]:
    """Return the branchings of the network from input to output, or those at the concatenation or layer `place`.

    Each branch has at least two units, so a depthwise convolution has none. A concatenation counts where no part is
    computed from another one, as it is in a network with skip connections. Raises `ValueError` where `place` has no
    branches; the message names the places that have.
    """
    found = [*_concatenated(network), *(one for layer in network.layers for one in _of_layer(network, layer))]
    order = network.offsets
    found.sort(key=lambda one: max(order[branch.layer] for branch in one.branches))
    if place is None:
        return found
    chosen = [one for one in found if one.name == place]
    if not chosen:
        listed = ", ".join(dict.fromkeys(repr(one.name) for one in found)) or "no place"
        raise ValueError(f"{network.name}: no branches at {place!r}; there are branches at {listed}")
    return chosen


def _concatenated(network: LayeredGraph) -> Iterator[Branching]:
    before = _ancestors(network)
    for joined in network.concatenations:
        names = [part[0] for part in joined.parts]
        independent = not any(one in before[other] for one in names for other in names)
        large = all(last - first >= 2 for _, first, last in joined.parts)
        if len(set(names)) == len(names) > 1 and independent and large:
            yield Branching(name=joined.name, kind="concatenation", branches=_parts(network, joined, before))


def _parts(network: LayeredGraph, joined: Concatenation, before: Mapping[str, frozenset[str]]) -> tuple[Branch, ...]:
    names = [part[0] for part in joined.parts]
    shared = frozenset.intersection(*(before[name] for name in names))
    return tuple(
        Branch(name=name, layer=name, units=tuple(range(first, last)), extent=_extent(network, name, shared))
        for name, first, last in joined.parts
    )


def _of_layer(network: LayeredGraph, layer: Layer) -> Iterator[Branching]:
    extent = _kernel(layer)
    sets: list[tuple[Kind, list[list[int]]]] = []
    if layer.groups > 1:
        sets.append(("groups", np.arange(layer.units).reshape(layer.groups, -1).tolist()))
    apart = _kept_apart(network, layer)
    if not sets or apart != sets[0][1]:
        sets.append(("readers", apart))
    for kind, units in sets:
        if len(units) > 1 and min(map(len, units)) >= 2:
            several = enumerate(units, start=1)
            made = (
                Branch(name=f"{layer.name}/{n}", layer=layer.name, units=tuple(u), extent=extent) for n, u in several
            )
            yield Branching(name=layer.name, kind=kind, branches=tuple(made))


def _kept_apart(network: LayeredGraph, layer: Layer) -> list[list[int]]:
    """Units of the layer in sets that no reader joins; units that nothing reads are in none."""
    ties = [_ties(network, block) for block in network.blocks if block.source == layer.name]
    if not ties:
        return []
    units, readers = (np.concatenate(ends) for ends in zip(*ties, strict=True))
    graph = sparse.coo_array((np.ones(len(units)), (units, readers)), shape=(network.units, network.units))
    part_of = sparse.csgraph.connected_components(graph, directed=False)[1]
    read = np.unique(units)
    first = network.offsets[layer.name]
    return [(read[part_of[read] == part] - first).tolist() for part in dict.fromkeys(part_of[read].tolist())]


def _ties(network: LayeredGraph, block: Block) -> tuple[Numbers, Numbers]:
    """Pairs of units, counted through the network, that show which units the block joins."""
    if isinstance(block.weights, np.ndarray):  # a weight for every pair: the first row and column say it all
        rows, columns = (np.arange(size, dtype=np.int64) for size in block.weights.shape)
        source = np.concatenate([rows, np.zeros_like(columns)])
        target = np.concatenate([np.zeros_like(rows), columns])
    else:
        source, target = (ends.astype(np.int64) for ends in sparse.coo_array(block.weights).coords)
    starts = (network.offsets[name] for name in (block.source, block.target))
    return source + next(starts) + block.source_start, target + next(starts) + block.target_start


def _ancestors(network: LayeredGraph) -> dict[str, frozenset[str]]:
    before: dict[str, frozenset[str]] = {layer.name: frozenset() for layer in network.layers}
    for layer in network.layers:  # in order, so sources are complete
        for source in {block.source for block in network.blocks if block.target == layer.name}:
            before[layer.name] |= before[source] | {source}
    return before


def _extent(network: LayeredGraph, name: str, stop: frozenset[str]) -> int:
    """Positions along a side that the layer sees of the layers in `stop`, by the longest way."""
    sources = {block.source for block in network.blocks if block.target == name} - stop
    longest = max((_extent(network, source, stop) for source in sources), default=1)
    return longest + _kernel(network.layer(name)) - 1


def _kernel(layer: Layer) -> int:
    return max(layer.weights.shape[2:], default=1) if layer.weights is not None else 1
