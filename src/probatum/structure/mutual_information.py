"""How much does a unit's branch tell of its kind? Mutual information, against labels dealt out at random.

One number for the whole table behind Voss et al., "Branch Specialization", Distill 2021. Counts alone make it
positive (Miller 1955), so its mean under permutation of the labels is taken off.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.progress import track
from probatum.result import Result, axis

Numbers = npt.NDArray[np.float64]
AT_ONCE = 250  # shuffles held in memory together


@dataclass(frozen=True, kw_only=True)
class MutualInformation(Result):
    """Mutual information between label and group of a unit.

    `information` in nats; `share` of the groups' entropy `group_entropy`. `null_mean`, `null_sd`: of the information
    when labels are dealt out at random, `null` all of its values. `corrected_share`: how far the information stands
    between that mean and all there is, (information - null_mean) / (group_entropy - null_mean), 0 by chance and 1
    where the label settles the group. `z`: distance from the null mean in its standard deviations; `p`: one-sided,
    at least 1 / (shuffles + 1). `without`: groups left out beforehand.
    """

    information: float
    group_entropy: float
    share: float
    corrected_share: float
    null_mean: float
    null_sd: float
    z: float
    p: float
    units: int
    labels: int
    groups: tuple[str, ...]
    without: tuple[str, ...]
    null: tuple[float, ...]

    def summary(self) -> str:
        """Say how much of the groups' entropy the labels tell, against chance."""
        left = f" (without {', '.join(self.without)})" if self.without else ""
        return (
            f"labels tell {self.information:.3f} nats of the group, {self.share:.1%} of its entropy, against "
            f"{self.null_mean:.3f} by chance: z = {self.z:.1f}, p = {self.p:.2g}; {self.corrected_share:.1%} after "
            f"correction, {self.units} units of {self.labels} kinds in {len(self.groups)} groups{left}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the information under permutation as a histogram and the measured one as a line."""
        ax = axis(ax)
        ax.hist(self.null, bins=40, color="0.7", label="labels dealt out at random")
        ax.axvline(self.information, color="C3", label="measured")
        ax.set(xlabel="mutual information (nats)", ylabel="shuffles", title=f"z = {self.z:.1f}")
        ax.legend()
        return ax


def mutual_information(
    labels: Sequence[str],
    *,
    groups: Sequence[str],
    without: Collection[str] = (),
    shuffles: int = 4_999,
    seed: int = 0,
) -> MutualInformation:
    """Measure how much the label of a unit tells of its group.

    `labels[u]` and `groups[u]` are the kind and the group of unit u. `without`: groups whose units are left out,
    such as the strongest branch, or all but those with equal kernels. `shuffles` random permutations of the labels,
    decided by `seed`, give the null distribution. Raises `ValueError` when the lengths differ, for unknown groups in
    `without`, and where fewer than two groups or labels are left.
    """
    if len(labels) != len(groups):
        raise ValueError(f"{len(labels)} labels for {len(groups)} units: give each unit one label and one group")
    if shuffles < 2:
        raise ValueError(f"{shuffles} shuffles: give at least 2")
    unknown = sorted(set(without) - set(groups))
    if isinstance(without, str) or unknown:
        raise ValueError(f"without {without!r}: give a list of groups; there are {sorted(set(groups))}")
    kept = [(label, group) for label, group in zip(labels, groups, strict=True) if group not in without]
    kinds, parts = (list(dict.fromkeys(names)) for names in zip(*kept, strict=True)) if kept else ([], [])
    if len(kinds) < 2 or len(parts) < 2:
        raise ValueError(f"labels {kinds} in groups {parts}: there is nothing to compare; leave two of each or more")
    kind = np.array([kinds.index(label) for label, _ in kept])
    part = np.array([parts.index(group) for _, group in kept])
    seen = _information(_tables(kind[None], part, len(kinds), len(parts)))[0]
    null = _null(kind, part, (len(kinds), len(parts)), shuffles, seed)
    return _result(seen, null, part, kinds, parts, tuple(without))


def _result(
    seen: float,
    null: Numbers,
    part: npt.NDArray[np.int64],
    kinds: list[str],
    parts: list[str],
    without: tuple[str, ...],
) -> MutualInformation:
    entropy = float(_entropy(np.bincount(part)[None])[0])
    mean, sd = float(null.mean()), float(null.std(ddof=1))
    return MutualInformation(
        information=float(seen),
        group_entropy=entropy,
        share=float(seen) / entropy,
        corrected_share=(float(seen) - mean) / (entropy - mean) if entropy > mean else 0.0,
        null_mean=mean,
        null_sd=sd,
        z=(float(seen) - mean) / sd if sd > 0 else 0.0,
        p=float((1 + np.count_nonzero(null >= seen * (1 - 1e-12))) / (len(null) + 1)),
        units=len(part),
        labels=len(kinds),
        groups=tuple(parts),
        without=without,
        null=tuple(null.tolist()),
    )


def _null(
    kind: npt.NDArray[np.int64], part: npt.NDArray[np.int64], sizes: tuple[int, int], shuffles: int, seed: int
) -> Numbers:
    rng = np.random.default_rng(seed)
    counts = [min(AT_ONCE, shuffles - start) for start in range(0, shuffles, AT_ONCE)]
    found = []
    for count in track(counts, total=len(counts), what="labels dealt out at random"):
        dealt = rng.permuted(np.tile(kind, (count, 1)), axis=1)
        found.append(_information(_tables(dealt, part, *sizes)))
    return np.concatenate(found)


def _tables(
    kinds: npt.NDArray[np.int64], part: npt.NDArray[np.int64], labels: int, groups: int
) -> npt.NDArray[np.int64]:
    """Counts of every label in every group, shape (shuffles, labels, groups)."""
    places = (np.arange(len(kinds))[:, None] * labels + kinds) * groups + part
    return np.bincount(places.ravel(), minlength=len(kinds) * labels * groups).reshape(len(kinds), labels, groups)


def _information(tables: npt.NDArray[np.int64]) -> Numbers:
    return _entropy(tables.sum(axis=1)) + _entropy(tables.sum(axis=2)) - _entropy(tables.reshape(len(tables), -1))


def _entropy(counts: npt.NDArray[np.int64]) -> Numbers:
    share = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(-(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=1), np.float64)
