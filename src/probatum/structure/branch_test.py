"""One place where a network branches, in one score or by labels: are the branches apart, and is it more than size?

The kernels of Inception's branches differ, so what a branch can see differs too. Hence each comparison is made
again between branches that see equally far, and again without the branch that stands out most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.branches import Branching
from probatum.structure.enrichment import Enrichment, enrichment
from probatum.structure.graded_enrichment import GradedEnrichment, graded_enrichment
from probatum.structure.mutual_information import MutualInformation, mutual_information

SMALL = 5  # units of a group below which the chi-squared tail is not trusted
TOP = 0.1  # share of units that count as high in a score


@dataclass(frozen=True, kw_only=True)
class BranchTest:
    """The branches at `place` compared in one score.

    `graded`: all of them; `equally_far`: only those that see as far as another one does, None if there are none;
    `without_strongest`: without the branch whose AUC stands out most, None if only two are there. `top`: the tenth of
    the units that score highest, tested as a label in every branch. `p`: of `graded.kruskal`, by its chi-squared
    tail, since shuffles cannot show how small a p is; by shuffles where a branch has fewer than five units. `holm_p`,
    `bh_p`: after control over all places and scores.
    """

    place: str
    kind: str
    score: str
    graded: GradedEnrichment
    equally_far: GradedEnrichment | None
    without_strongest: GradedEnrichment | None
    top: Enrichment
    p: float
    holm_p: float
    bh_p: float


@dataclass(frozen=True, kw_only=True)
class BranchLabels:
    """The branches at `place` compared in the kinds of their units: each kind in each branch, and all together."""

    place: str
    table: Enrichment
    information: MutualInformation
    equally_far: MutualInformation | None
    without_strongest: MutualInformation | None

    def summary(self) -> str:
        """Say how much the labels tell of the branch and which kinds crowd."""
        return f"at {self.place} {self.information.summary()}; {self.table.summary()}"

    def plot(self, ax: Any = None) -> Any:
        """Draw the table of kinds by branches."""
        return self.table.plot(ax)


def branch_test(
    branching: Branching, score: str, values: npt.NDArray[np.float64], *, shuffles: int, seed: int
) -> BranchTest:
    """Compare the branches in a score; `values`: one a unit, shape (units,), in the order of `branching.members`."""
    members = branching.members
    graded = graded_enrichment(values, groups=members, shuffles=shuffles, seed=seed)
    strongest = max(graded.groups, key=lambda group: abs(group.auc - 0.5)).group

    def among(names: Collection[str]) -> GradedEnrichment | None:
        kept = [place for place, name in enumerate(members) if name in names]
        if len(names) < 2 or np.ptp(values[kept]) == 0:
            return None
        return graded_enrichment(values[kept], groups=[members[n] for n in kept], shuffles=shuffles, seed=seed)

    p = _tail(graded)
    return BranchTest(
        place=branching.name,
        kind=branching.kind,
        score=score,
        graded=graded,
        equally_far=among(_equally_far(branching)),
        without_strongest=among([branch.name for branch in branching.branches if branch.name != strongest]),
        top=enrichment(top_labels(values), groups=members),
        p=p,
        holm_p=p,
        bh_p=p,
    )


def branch_labels(branching: Branching, labels: Sequence[str], *, shuffles: int, seed: int) -> BranchLabels:
    """Compare the branches in labels; `labels`: one a unit, in the order of `branching.members`."""
    members = branching.members
    if len(labels) != len(members):
        raise ValueError(f"{len(labels)} labels for the {len(members)} units at {branching.name}: give one each")
    table = enrichment(labels, groups=members)
    strongest = min(table.cells, key=lambda cell: cell.p).group

    def among(names: Collection[str]) -> MutualInformation | None:
        left = {label for label, name in zip(labels, members, strict=True) if name in names}
        if len(names) < 2 or len(left) < 2:
            return None
        without = [name for name in dict.fromkeys(members) if name not in names]
        return mutual_information(labels, groups=members, without=without, shuffles=max(shuffles, 2), seed=seed)

    return BranchLabels(
        place=branching.name,
        table=table,
        information=mutual_information(labels, groups=members, shuffles=max(shuffles, 2), seed=seed),
        equally_far=among(_equally_far(branching)),
        without_strongest=among([branch.name for branch in branching.branches if branch.name != strongest]),
    )


def top_labels(values: npt.ArrayLike, *, share: float = TOP, threshold: float | None = None) -> list[str]:
    """Label units `high` or `other`: those above `threshold`, or else the `share` of them that score highest.

    `values`: shape (units,). At least one unit is high and one is not; of equal scores the first units count as high.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or len(array) < 2 or not 0 < share < 1:
        raise ValueError(f"values of shape {array.shape}, share {share}: give a row of two or more, and 0 < share < 1")
    high = np.zeros(len(array), bool)
    if threshold is None:
        count = min(max(round(share * len(array)), 1), len(array) - 1)
        high[np.argsort(-array, kind="stable")[:count]] = True
    else:
        high = array > threshold
        if high.all() or not high.any():
            raise ValueError(f"threshold {threshold}: {int(high.sum())} of {len(array)} units are above it")
    return ["high" if one else "other" for one in high]


def _tail(graded: GradedEnrichment) -> float:
    from scipy.stats import chi2

    if min(group.units for group in graded.groups) < SMALL:
        return graded.p
    return float(chi2.sf(graded.kruskal, len(graded.groups) - 1))


def _equally_far(branching: Branching) -> list[str]:
    """Names of the branches that see as far as most others do; the largest such set, the farther one of two."""
    counts = Counter(branch.extent for branch in branching.branches)
    extent = max(counts, key=lambda extent: (counts[extent], extent))
    names = [branch.name for branch in branching.branches if branch.extent == extent]
    return names if 1 < len(names) < len(branching.branches) else []
