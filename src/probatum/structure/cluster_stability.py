"""Are the clusters found in a network the same from run to run, and from one checkpoint or seed to another?

Filan et al. 2021, "Clusterability in Neural Networks", judge the n-cut alone, which says nothing about whether the
same clusters come out again. Agreement is measured by the adjusted Rand index (Hubert and Arabie 1985).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import LayeredGraph
from probatum.progress import track
from probatum.result import Result, axis
from probatum.structure.adjusted_rand import adjusted_rand
from probatum.structure.cluster_pictures import draw_null
from probatum.structure.null_words import NULL_WORDS, check_choices
from probatum.structure.partitioning import Mode, Null, partition, shuffled

Labels = npt.NDArray[np.int32]
Agreements = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A mean adjusted Rand index, and the same of each set of shuffled networks.

    `p`: share of sets of shuffles that agree as well, counting the networks themselves.
    """

    value: float
    null_mean: float
    null_sd: float
    p: float
    null_values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ClusterStability(Result):
    """How far partitions agree, from 0 (chance) to 1, against the same for shuffled networks.

    `within`: between restarts of the solver on one network, averaged over networks. `between`: between different
    networks, over all units; `between_ends`: over units of the first and the last layers alone, which mean the same in
    networks trained from different seeds, as hidden units do not. Both None for one network. `agreement`: mean index
    of each two of `networks`, those of restarts on the diagonal.
    """

    networks: tuple[str, ...]
    clusters: int
    mode: str
    null: str
    restarts: int
    shuffles: int
    seed: int
    within: Agreement
    between: Agreement | None
    between_ends: Agreement | None
    warnings: tuple[str, ...]
    agreement: tuple[tuple[float, ...], ...]

    def summary(self) -> str:
        """Say how far restarts agree, and networks, against their shuffles."""
        parts = [f"{self.restarts} restarts agree to {_said(self.within)}"]
        if self.between is not None:
            parts.append(f"{len(self.networks)} networks agree to {_said(self.between)}")
        if self.between_ends is not None:
            parts.append(f"on the units of the first and last layers alone to {_said(self.between_ends)}")
        mind = "".join(f"; mind: {warning}" for warning in self.warnings)
        return (
            f"adjusted Rand index of {self.clusters} clusters, beside {self.shuffles} sets of "
            f"{NULL_WORDS[self.null]}: {'; '.join(parts)}{mind}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the agreement of each two networks as a table; of one network, its restarts' against the shuffles'."""
        if len(self.networks) == 1:
            return draw_null(self.within.null_values, self.within.value, ax, name="adjusted Rand index of restarts")
        ax = axis(ax)
        table = np.asarray(self.agreement)
        ax.imshow(table, vmin=0, vmax=1, cmap="Greys")
        if len(table) <= 12:
            for row, column in product(range(len(table)), repeat=2):
                colour = "white" if table[row, column] > 0.5 else "black"
                ax.text(column, row, f"{table[row, column]:.2f}", ha="center", va="center", color=colour)
        ax.set_xticks(range(len(table)), [str(number + 1) for number in range(len(table))])
        ax.set_yticks(range(len(table)), [f"{number + 1} {name}" for number, name in enumerate(self.networks)])
        ax.set(xlabel="adjusted Rand index (diagonal: restarts)")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the agreement and, for several networks, what shuffled ones reach."""
        drawn: dict[str, Callable[[Any], Any]] = {"Agreement of partitions": self.plot}
        between = self.between
        if between is not None:
            drawn["Agreement between networks and between their shuffles"] = lambda ax: draw_null(
                between.null_values, between.value, ax, name="adjusted Rand index"
            )
        return drawn


def cluster_stability(
    networks: Sequence[LayeredGraph] | LayeredGraph,
    *,
    clusters: int = 12,
    mode: Mode = "refined",
    null: Null = "support",
    restarts: int = 5,
    shuffles: int = 20,
    seed: int = 0,
    starts: int | None = None,
) -> ClusterStability:
    """Measure how far the clusters of a network, or of several of one architecture, come out alike.

    Each network is split `restarts` times with other seeds. Then the networks are shuffled, each by itself, and the
    same is done, `shuffles` times: some agreement is had from the layers alone. `networks`: checkpoints of one
    training, or networks of different seeds; one network gives the agreement of restarts only. The other options are
    those of `clusterability`; the cost is networks x restarts x (shuffles + 1) partitions. Raises `ValueError` for
    networks whose layers differ, fewer than 2 restarts, and as `clusterability` does.
    """
    graphs = (networks,) if isinstance(networks, LayeredGraph) else tuple(networks)
    check_choices(mode=mode, null=null, shuffles=shuffles)
    if restarts < 2:
        raise ValueError(f"{restarts} restarts: give 2 or more, or there is nothing to compare")
    ends = _ends(graphs)

    def split(some: Sequence[LayeredGraph], draw: int) -> list[list[Labels]]:
        first = seed + draw * len(some) * restarts
        seeds = iter(range(first, first + len(some) * restarts))  # none twice: equal starts would agree by themselves
        return [
            [
                partition(graph, clusters=clusters, mode=mode, seed=next(seeds), starts=starts).labels
                for _ in range(restarts)
            ]
            for graph in some
        ]

    labels = split(graphs, 0)
    draws = [_agreements(labels, ends)]
    for draw in track(range(1, shuffles + 1), total=shuffles, what="sets of shuffled networks"):
        mixed = [shuffled(graph, null=null, seed=_seed(seed, draw, place)) for place, graph in enumerate(graphs)]
        draws.append(_agreements(split(mixed, draw), ends))
    within, between, between_ends = (_agreement(values) for values in zip(*draws, strict=True))
    assert within is not None
    return ClusterStability(
        networks=tuple(graph.name for graph in graphs),
        clusters=clusters,
        mode=mode,
        null=null,
        restarts=restarts,
        shuffles=shuffles,
        seed=seed,
        within=within,
        between=between,
        between_ends=between_ends,
        warnings=_warnings(shuffles, within),
        agreement=tuple(tuple(_mean(one, other) for other in labels) for one in labels),
    )


def _ends(graphs: Sequence[LayeredGraph]) -> npt.NDArray[np.bool_]:
    """Return which units stand in layers that no weight leads to, or none leaves; check that the layers are alike."""
    if not graphs:
        raise ValueError("no networks: give one or more")
    first = graphs[0]
    for graph in graphs[1:]:
        ours, theirs = ([(layer.name, layer.units) for layer in one.layers] for one in (first, graph))
        if ours != theirs:
            odd = next(
                (pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), (len(ours), len(theirs))
            )
            raise ValueError(f"{first.name} and {graph.name} differ in their layers: {odd[0]} and {odd[1]}")
    sources, targets = {block.source for block in first.blocks}, {block.target for block in first.blocks}
    outer = [layer.name not in sources or layer.name not in targets for layer in first.layers]
    return np.asarray(outer)[first.layer_of_unit]


def _agreements(labels: list[list[Labels]], ends: npt.NDArray[np.bool_]) -> tuple[float, float | None, float | None]:
    """Return the mean index between restarts, between networks, and between networks over the outer layers."""
    within = float(np.mean([_mean(restarts, restarts) for restarts in labels]))
    pairs = list(combinations(labels, 2))
    if not pairs:
        return within, None, None
    between = float(np.mean([_mean(one, other) for one, other in pairs]))
    outer = [[[found[ends] for found in restarts] for restarts in pair] for pair in pairs]
    return within, between, float(np.mean([_mean(one, other) for one, other in outer]))


def _mean(one: Sequence[Labels], other: Sequence[Labels]) -> float:
    pairs = combinations(one, 2) if one is other else product(one, other)
    return float(np.mean([adjusted_rand(first, second) for first, second in pairs]))


def _agreement(values: Sequence[float | None]) -> Agreement | None:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return None
    found, null = numbers[0], np.asarray(numbers[1:])
    return Agreement(
        value=found,
        null_mean=float(null.mean()),
        null_sd=float(null.std()),
        p=(1 + int(np.count_nonzero(null >= found - 1e-9))) / (len(null) + 1),
        null_values=tuple(null.tolist()),
    )


def _warnings(shuffles: int, within: Agreement) -> tuple[str, ...]:
    said = []
    if within.value < 0.5:
        said.append("restarts on the same network agree by less than half: single clusters mean little here")
    if shuffles < 20:
        said.append(f"with {shuffles} shuffles p cannot fall below {1 / (shuffles + 1):.2g}: take 20 or more")
    return tuple(said)


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _said(found: Agreement) -> str:
    return f"{found.value:.2f} (shuffled {found.null_mean:.2f} ± {found.null_sd:.2g}, p = {found.p:.2g})"
