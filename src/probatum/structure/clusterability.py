"""Does a network's weight fall into modules more than the same weights, shuffled, would? The n-cut against a null.

Filan et al. 2021, "Clusterability in Neural Networks": a network is clusterable where its units can be split so that
little weight lies between the parts. How much is little, only a comparison with shuffled networks says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import LayeredGraph
from probatum.progress import track
from probatum.result import Result
from probatum.structure.cluster_pictures import draw_composition, draw_matrix, draw_null
from probatum.structure.group_weights import densities, group_weights
from probatum.structure.null_words import NULL_WORDS, check_choices
from probatum.structure.partitioning import Mode, Null, Partition, null_ncuts, partition


@dataclass(frozen=True, kw_only=True)
class Clusterability(Result):
    """How well a network splits into clusters, and how well shuffled networks do.

    `ncut`: sum over clusters of the share of the cluster's edge weight that leaves it; 0 (no weight between
    clusters) to `clusters` - 1. `null_values`: the same of each shuffled network, with mean and standard deviation.
    `excess` = `null_mean` - `ncut`, above 0 if the network is more clusterable than its shuffles; `gap` = `excess` /
    `null_mean`; `z` = -`excess` / `null_sd` (None if all shuffles give the same). `p`: share of shuffles that are as
    clusterable, counting the network itself; never below `p_floor`. `solver_sd`: standard deviation over
    `repeat_values`, the n-cuts of this network solved again from other starts (None if not repeated).
    By cluster, largest volume first: `sizes` (units), `volume_shares`, `leaving` (the terms of the n-cut) and
    `composition` (units from each of `layers`). `small` clusters hold under 0.1 % of the volume.
    `labels`: cluster of each unit, -1 for the `left_out` units without edges. `matrix`: weight between bins of units
    over what chance gives, ordered by cluster; `matrix_ends`: where each cluster ends there.
    """

    network: str
    clusters: int
    mode: str
    null: str
    seed: int
    ncut: float
    null_mean: float
    null_sd: float
    excess: float
    gap: float
    z: float | None
    p: float
    p_floor: float
    shuffles: int
    solver_sd: float | None
    small: int
    units: int
    left_out: int
    warnings: tuple[str, ...]
    sizes: tuple[int, ...]
    volume_shares: tuple[float, ...]
    leaving: tuple[float, ...]
    layers: tuple[str, ...]
    composition: tuple[tuple[int, ...], ...]
    repeat_values: tuple[float, ...]
    null_values: tuple[float, ...]
    labels: tuple[int, ...]
    matrix: tuple[tuple[float, ...], ...]
    matrix_ends: tuple[float, ...]

    def summary(self) -> str:
        """Say how the n-cut compares with that of the shuffles, with what certainty, and what to mind."""
        way = "more" if self.p < 0.05 else "less" if self.p > 0.95 else "no more"
        z = "" if self.z is None else f"z = {self.z:+.1f}, "
        again = "" if self.solver_sd is None else f", solving again moves it by {self.solver_sd:.2g}"
        mind = "".join(f"; mind: {warning}" for warning in self.warnings)
        return (
            f"{self.network} is {way} clusterable than chance: n-cut {self.ncut:.3f} in {self.clusters} clusters "
            f"against {self.null_mean:.3f} ± {self.null_sd:.2g} in {self.shuffles} {NULL_WORDS[self.null]} "
            f"({z}p = {self.p:.2g}, gap {self.gap:+.1%}{again}){mind}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the n-cuts of the shuffles as a histogram and the network's own as a line."""
        ax = draw_null(self.null_values, self.ncut, ax, repeats=self.repeat_values)
        ax.set_title(f"gap {self.gap:+.1%}, p = {self.p:.2g}")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the null distribution, the matrix ordered by cluster, and the clusters' sizes by layer."""
        return {
            "N-cut of the network and of its shuffles": self.plot,
            "Weights between units, ordered by cluster": lambda ax: draw_matrix(self.matrix, self.matrix_ends, ax),
            "Size of each cluster, by layer": lambda ax: draw_composition(self.composition, self.layers, ax),
        }


def clusterability(
    network: LayeredGraph,
    *,
    clusters: int = 12,
    mode: Mode = "refined",
    null: Null = "support",
    shuffles: int = 200,
    seed: int = 0,
    starts: int | None = None,
    repeats: int = 10,
    jobs: int = 1,
) -> Clusterability:
    """Split a network into clusters with little weight between them and compare with shuffled networks.

    `clusters`: how many. `mode`: "refined" lowers the n-cut itself by moving single units, from several `starts`;
    "paper" is spectral clustering as published. `null`: what the network is compared with: "all" permutes all
    weights of each layer, "support" the non-zero ones among their places (so sparsity alone is no evidence),
    "strengths" keeps each unit's sum of weights besides, "initialization" draws random first weights. Tied weights are
    shuffled alike. `repeats`: how often the network is solved again, to know the solver's noise (0: not).
    `jobs`: processes at once. Raises `ValueError` for more clusters than the graph can have, for a graph in
    unconnected parts, and for options that do not exist.
    """
    check_choices(mode=mode, null=null, shuffles=shuffles)
    if repeats < 0 or repeats == 1:
        raise ValueError(f"{repeats} repeats: give 2 or more for a spread, or 0 for none")
    found = partition(network, clusters=clusters, mode=mode, seed=seed, starts=starts)
    again = [
        partition(network, clusters=clusters, mode=mode, seed=seed + number, starts=starts).ncut
        for number in track(range(1, repeats + 1), total=repeats, what="solving again")
    ]
    values = null_ncuts(
        network, null=null, shuffles=shuffles, clusters=clusters, mode=mode, seed=seed, starts=starts, jobs=jobs
    )
    comparison = _comparison(found.ncut, values)
    solver_sd = float(np.std(again, ddof=1)) if again else None
    return Clusterability(
        network=network.name,
        clusters=clusters,
        mode=mode,
        null=null,
        seed=seed,
        **comparison,
        shuffles=shuffles,
        solver_sd=solver_sd,
        small=found.small,
        warnings=_warnings(found.small, clusters, solver_sd, comparison),
        repeat_values=tuple(again),
        null_values=tuple(values.tolist()),
        **_contents(network, found),
    )


def _comparison(ncut: float, values: npt.NDArray[np.float64]) -> dict[str, Any]:
    mean, spread = float(values.mean()), float(values.std())
    excess = mean - ncut
    as_low = int(np.count_nonzero(values <= ncut + 1e-9))
    return {
        "ncut": ncut,
        "null_mean": mean,
        "null_sd": spread,
        "excess": excess,
        "gap": excess / mean if mean > 0 else 0.0,
        "z": -excess / spread if spread > 1e-12 else None,
        "p": (1 + as_low) / (len(values) + 1),
        "p_floor": 1 / (len(values) + 1),
    }


def _warnings(small: int, clusters: int, solver_sd: float | None, comparison: Mapping[str, Any]) -> tuple[str, ...]:
    said = []
    if small:
        said.append(
            f"{small} of {clusters} clusters hold under 0.1 % of the weight each, single units cut off rather than "
            "modules: take fewer clusters"
        )
    if solver_sd is not None and solver_sd > 0.5 * comparison["null_sd"]:
        said.append(
            f"solving the same network again moves its n-cut by {solver_sd:.2g} (sd), shuffling by "
            f"{comparison['null_sd']:.2g}: much of the spread is the solver's; take more starts"
        )
    if comparison["p_floor"] >= 0.05:
        said.append(f"with so few shuffles p cannot fall below {comparison['p_floor']:.2g}: take 20 or more")
    if comparison["z"] is None:
        said.append("all shuffles have one n-cut: they change nothing here, so the comparison says nothing")
    return tuple(said)


def _contents(network: LayeredGraph, found: Partition) -> dict[str, Any]:
    """What is in each cluster, largest volume first."""
    weights = group_weights(network, found.labels)
    volumes = weights.sum(axis=1)
    order = np.argsort(-volumes, kind="stable")
    rank = np.empty(len(order) + 1, np.int64)
    rank[order], rank[-1] = np.arange(len(order)), -1  # label -1 reads the last place
    labels = rank[found.labels]
    kept = labels >= 0
    composition = np.zeros((len(order), len(network.layers)), np.int64)
    np.add.at(composition, (labels[kept], network.layer_of_unit[kept]), 1)
    matrix, ends = densities(network, labels)
    leaving = (volumes - np.diag(weights)) / (volumes + 1e-8)
    return {
        "units": network.units,
        "left_out": int((~kept).sum()),
        "sizes": tuple(composition.sum(axis=1).tolist()),
        "volume_shares": tuple((volumes[order] / volumes.sum()).tolist()),
        "leaving": tuple(leaving[order].tolist()),
        "layers": tuple(layer.name for layer in network.layers),
        "composition": tuple(map(tuple, composition.tolist())),
        "labels": tuple(labels.tolist()),
        "matrix": tuple(map(tuple, matrix.round(3).tolist())),
        "matrix_ends": ends,
    }
