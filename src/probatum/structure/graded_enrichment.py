"""Do the units of a layer differ from branch to branch in a graded score, such as how much they heed colour?

Rank tests for the claim of Voss et al., "Branch Specialization", Distill 2021, where a score stands in for
labels by hand: Kruskal and Wallis 1952 over all groups, and each group against the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.result import Result, axis
from probatum.structure.multiple_testing import benjamini_hochberg, holm

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GroupScore:
    """The scores of one group against all other units.

    `auc`: chance that a unit of the group scores higher than one outside it, 0.5 without any difference. `p`:
    two-sided, by shuffling the membership of units; `holm_p`, `bh_p`: after control over the groups.
    """

    group: str
    units: int
    low_quartile: float
    median: float
    high_quartile: float
    auc: float
    p: float
    holm_p: float
    bh_p: float


@dataclass(frozen=True, kw_only=True)
class GradedEnrichment(Result):
    """All groups compared in one score.

    `kruskal`: H, with `p` by shuffling; `epsilon_squared` = H / (n - 1), the share of rank variance that lies
    between groups, and `chance_epsilon_squared`, its mean under shuffling. `separation`: the largest |AUC - 0.5|
    of a group against the rest, `chance_separation` its mean under shuffling, `separation_p` how often shuffling
    gives as much or more.
    """

    kruskal: float
    p: float
    epsilon_squared: float
    chance_epsilon_squared: float
    separation: float
    chance_separation: float
    separation_p: float
    groups: tuple[GroupScore, ...]
    scores: tuple[float, ...]
    members: tuple[str, ...]

    def group(self, name: str) -> GroupScore:
        """Return the group of that name; `ValueError` names what there is."""
        for group in self.groups:
            if group.group == name:
                return group
        raise ValueError(f"no group {name!r}; there are {', '.join(group.group for group in self.groups)}")

    def summary(self) -> str:
        """Say how much of the rank variance lies between groups and which group stands out most."""
        most = max(self.groups, key=lambda group: abs(group.auc - 0.5))
        return (
            f"{self.epsilon_squared:.1%} of the rank variance of {len(self.scores)} units lies between "
            f"{len(self.groups)} groups ({self.chance_epsilon_squared:.1%} by chance, p = {self.p:.2g}); {most.group} "
            f"stands out most, AUC {most.auc:.2f} (Holm p = {most.holm_p:.2g})"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the scores of every group as a box with its points."""
        ax = axis(ax)
        names = [group.group for group in self.groups]
        values = [[s for s, m in zip(self.scores, self.members, strict=True) if m == name] for name in names]
        ax.boxplot(values, showfliers=False)
        for place, points in enumerate(values, start=1):
            ax.plot(place + np.linspace(-0.25, 0.25, len(points)), points, ".", color="C0", alpha=0.4, markersize=4)
        ax.set_xticks(range(1, len(names) + 1), names)
        ax.set(ylabel="score", title=f"epsilon-squared {self.epsilon_squared:.2f}, p = {self.p:.2g}")
        return ax


def graded_enrichment(
    scores: npt.ArrayLike, *, groups: Sequence[str], shuffles: int = 1_999, seed: int = 0
) -> GradedEnrichment:
    """Test whether groups of units differ in a score, and by how much.

    `scores[u]` is the score of unit u, shape (units,), `groups[u]` its group. `shuffles`: random dealings of the
    groups to the units behind every p-value, none of which is below 1 / (shuffles + 1); `seed` decides them. Raises
    `ValueError` when lengths differ, for NaN or infinite scores, fewer than two groups, or scores all equal.
    """
    values = _checked(scores, groups, shuffles)
    names = list(dict.fromkeys(groups))
    member = np.array([[group == name for group in groups] for name in names])  # (groups, units)
    rng = np.random.default_rng(seed)
    ranks = _ranks(values)
    centred = ranks - ranks.mean()
    many = rng.permuted(np.tile(centred, (shuffles, 1)), axis=1)
    sums = np.concatenate([centred[None], many]) @ member.T  # rank sums of the groups, as seen and shuffled
    size = member.sum(axis=1)
    between = (sums**2 / size).sum(axis=1) / (centred @ centred)  # H / (n - 1), ties dealt with
    aucs = sums / (size * (len(values) - size))  # minus 0.5
    most = np.abs(aucs).max(axis=1)
    return GradedEnrichment(
        kruskal=float(between[0] * (len(values) - 1)),
        p=_tail(between),
        epsilon_squared=float(between[0]),
        chance_epsilon_squared=(len(names) - 1) / (len(values) - 1),
        separation=float(most[0]),
        chance_separation=float(most[1:].mean()),
        separation_p=_tail(most),
        groups=_groups(names, member, values, aucs),
        scores=tuple(values.tolist()),
        members=tuple(groups),
    )


def _groups(names: list[str], member: npt.NDArray[np.bool_], values: Numbers, aucs: Numbers) -> tuple[GroupScore, ...]:
    p = [_tail(np.abs(column)) for column in aucs.T]
    quartiles = [np.quantile(values[inside], [0.25, 0.5, 0.75]).tolist() for inside in member]
    rows = zip(names, member.sum(axis=1), quartiles, aucs[0] + 0.5, p, holm(p), benjamini_hochberg(p), strict=True)
    return tuple(
        GroupScore(
            group=name,
            units=int(size),
            low_quartile=low,
            median=median,
            high_quartile=high,
            auc=float(auc),
            p=p_one,
            holm_p=float(holm_p),
            bh_p=float(bh_p),
        )
        for name, size, (low, median, high), auc, p_one, holm_p, bh_p in rows
    )


def _checked(scores: npt.ArrayLike, groups: Sequence[str], shuffles: int) -> Numbers:
    values = np.asarray(scores, np.float64)
    if values.shape != (len(groups),):
        raise ValueError(f"scores of shape {values.shape} for {len(groups)} units: give each unit a score and a group")
    if not np.isfinite(values).all():
        raise ValueError(f"{int((~np.isfinite(values)).sum())} of {values.size} scores are NaN or infinite")
    if len(set(groups)) < 2 or np.ptp(values) == 0:
        raise ValueError(f"groups {sorted(set(groups))} and {values.size} scores: give two groups and unequal scores")
    if shuffles < 1:
        raise ValueError(f"{shuffles} shuffles: give at least 1")
    return values


def _ranks(values: Numbers) -> Numbers:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), np.float64)


def _tail(values: Numbers) -> float:
    """Part of all values, the first one included, that are at least the first, rounding aside."""
    return float(np.mean(values >= values[0] * (1 - 1e-12)))
