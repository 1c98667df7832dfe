"""Into how many clusters does a network fall? Its n-cut against shuffled networks, for several numbers of clusters.

Filan et al. 2021, "Clusterability in Neural Networks", take 12 throughout. The n-cut grows with the number of
clusters, and more clusters find more cuts in any network, so only the distance from shuffles can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.networks.layered_graph import LayeredGraph
from probatum.progress import track
from probatum.result import Result, axis
from probatum.structure.clusterability import Clusterability, clusterability
from probatum.structure.multiple_testing import benjamini_hochberg, holm
from probatum.structure.null_words import NULL_WORDS
from probatum.structure.partitioning import Mode, Null


@dataclass(frozen=True, kw_only=True)
class ClusterabilityByK(Result):
    """The comparison with shuffled networks at each number of `clusters`; all tuples run through these.

    `ncut`, `null_mean`, `null_sd`, `solver_sd`, `excess`, `gap`, `z`, `p` and `small` are as `clusterability` gives
    them. `bh_p` and `holm_p` are the p-values after control over the whole scan: of the share of false discoveries,
    and of the chance of even one. `best` is the number of clusters with the largest gap.
    """

    network: str
    mode: str
    null: str
    shuffles: int
    seed: int
    best: int
    warnings: tuple[str, ...]
    clusters: tuple[int, ...]
    ncut: tuple[float, ...]
    null_mean: tuple[float, ...]
    null_sd: tuple[float, ...]
    solver_sd: tuple[float | None, ...]
    excess: tuple[float, ...]
    gap: tuple[float, ...]
    z: tuple[float | None, ...]
    p: tuple[float, ...]
    bh_p: tuple[float, ...]
    holm_p: tuple[float, ...]
    small: tuple[int, ...]

    def summary(self) -> str:
        """Say at which numbers of clusters the network beats its shuffles, and where by most."""
        kept = [str(k) for k, p in zip(self.clusters, self.bh_p, strict=True) if p < 0.05]
        place = self.clusters.index(self.best)
        tried = ", ".join(map(str, self.clusters))
        found = f"at {', '.join(kept)} of {tried} clusters" if kept else f"at none of {tried} clusters"
        mind = "".join(f"; mind: {warning}" for warning in self.warnings)
        return (
            f"{self.network} is more clusterable than {self.shuffles} {NULL_WORDS[self.null]} {found} "
            f"(false discovery rate 5 %); the gap is largest at {self.best}: {self.gap[place]:+.1%} "
            f"(n-cut {self.ncut[place]:.3f} against {self.null_mean[place]:.3f}, p = {self.p[place]:.2g}, "
            f"Holm {self.holm_p[place]:.2g}){mind}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the gap over the number of clusters, with the middle 95 % of shuffles; filled points are significant."""
        ax = axis(ax)
        widths = [196 * sd / mean if mean else 0.0 for sd, mean in zip(self.null_sd, self.null_mean, strict=True)]
        gaps = [100 * gap for gap in self.gap]
        ax.fill_between(self.clusters, [-width for width in widths], widths, color="C1", alpha=0.3, label="shuffles")
        ax.plot(self.clusters, gaps, color="C0", label="the network")
        for k, gap, p in zip(self.clusters, gaps, self.bh_p, strict=True):
            ax.plot([k], [gap], "o", color="C0", fillstyle="full" if p < 0.05 else "none")
        ax.axhline(0.0, color="0.5", linestyle=":", linewidth=1)
        if len(self.clusters) > 1 and max(self.clusters) >= 8 * min(self.clusters):
            ax.set_xscale("log")
        ax.set_xticks(self.clusters, [str(k) for k in self.clusters])
        ax.minorticks_off()
        ax.set(xlabel="clusters", ylabel="n-cut below the shuffles' (%)")
        ax.legend(loc="best", fontsize="small")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the gap over the number of clusters."""
        return {"How far the n-cut is below the shuffles', by number of clusters": self.plot}


def clusterability_by_k(
    network: LayeredGraph,
    *,
    clusters: Sequence[int] = (2, 4, 8, 12, 16, 24),
    mode: Mode = "refined",
    null: Null = "support",
    shuffles: int = 200,
    seed: int = 0,
    starts: int | None = None,
    repeats: int = 5,
    jobs: int = 1,
) -> ClusterabilityByK:
    """Compare a network with its shuffles at several numbers of clusters.

    `clusters`: the numbers, from 2 to the thousands; the other options are those of `clusterability`. The shuffles
    start from the same seed at each number. Raises `ValueError` as `clusterability` does, and where a number is below
    2 or given twice. The largest number comes first, so that one too large is known at once.
    """
    wanted = tuple(int(number) for number in clusters)
    if not wanted or min(wanted) < 2 or len(set(wanted)) < len(wanted):
        raise ValueError(f"clusters {wanted}: give different numbers, each at least 2")
    by_number = {
        number: clusterability(
            network,
            clusters=number,
            mode=mode,
            null=null,
            shuffles=shuffles,
            seed=seed,
            starts=starts,
            repeats=repeats,
            jobs=jobs,
        )
        for number in track(sorted(wanted, reverse=True), total=len(wanted), what="numbers of clusters")
    }
    found = [by_number[number] for number in wanted]
    p = [one.p for one in found]
    return ClusterabilityByK(
        network=network.name,
        mode=mode,
        null=null,
        shuffles=shuffles,
        seed=seed,
        best=max(found, key=lambda one: one.gap).clusters,
        warnings=tuple(f"at {one.clusters} clusters, {warning}" for one in found for warning in one.warnings),
        bh_p=tuple(benjamini_hochberg(p).tolist()),
        holm_p=tuple(holm(p).tolist()),
        **_columns(found),
    )


def _columns(found: Sequence[Clusterability]) -> dict[str, Any]:
    names = ("clusters", "ncut", "null_mean", "null_sd", "solver_sd", "excess", "gap", "z", "p", "small")
    return {name: tuple(getattr(one, name) for one in found) for name in names}
