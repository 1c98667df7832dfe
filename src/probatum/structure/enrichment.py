"""Do units of one kind crowd into one part of a layer? Exact tests of every kind in every part.

The claim behind it: Voss et al., "Branch Specialization", Distill 2021, where families of units lie almost
wholly in one branch. The p-value is the upper tail of the hypergeometric distribution.
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
class Cell(Result):
    """One kind of unit in one group: how many were seen there, and how surprising that is.

    `seen` of the kind's `of` units lie in the group, `expected` would by chance. `p`: chance of as many or
    more; `holm_p`, `bh_p`: the same after control over all cells of the table. `odds_ratio` with its 95 %
    interval (`odds_low`, `odds_high`) is the size of the effect: 1 means none.
    """

    label: str
    group: str
    seen: int
    of: int
    group_size: int
    units: int
    expected: float
    p: float
    holm_p: float
    bh_p: float
    odds_ratio: float
    odds_low: float
    odds_high: float

    def summary(self) -> str:
        """Say how many were seen where, against how many by chance, and the p-values."""
        return (
            f"{self.seen} of {self.of} {self.label} units are in {self.group} ({self.group_size} of "
            f"{self.units} units), {self.expected:.1f} by chance: p = {self.p:.2g} (Holm {self.holm_p:.2g}, "
            f"BH {self.bh_p:.2g}), odds ratio {self.odds_ratio:.3g} "
            f"({self.odds_low:.3g} to {self.odds_high:.3g})"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the odds ratio with its interval on a logarithmic axis."""
        ax = axis(ax)
        ax.plot([self.odds_low, self.odds_high], [0, 0], color="C0")
        ax.plot([self.odds_ratio], [0], "o", color="C0")
        ax.axvline(1.0, color="0.5", linestyle=":")
        ax.set(xscale="log", yticks=[], xlabel="odds ratio", title=f"{self.label} in {self.group}")
        return ax


@dataclass(frozen=True, kw_only=True)
class Enrichment(Result):
    """Every kind of unit in every group, tested together; `cells` run through the kinds, groups innermost."""

    cells: tuple[Cell, ...]

    def cell(self, label: str, group: str) -> Cell:
        """Return the cell of that kind and group; `ValueError` names what there is."""
        for cell in self.cells:
            if (cell.label, cell.group) == (label, group):
                return cell
        labels = ", ".join(dict.fromkeys(repr(cell.label) for cell in self.cells))
        groups = ", ".join(dict.fromkeys(repr(cell.group) for cell in self.cells))
        raise ValueError(f"no cell {label!r} in {group!r}; the labels are {labels}; the groups {groups}")

    def summary(self) -> str:
        """Say how many cells are enriched after control, and which most."""
        kept = sum(cell.bh_p < 0.05 for cell in self.cells)
        strongest = min(self.cells, key=lambda cell: cell.p)
        return (
            f"{kept} of {len(self.cells)} cells are enriched at a false discovery rate of 5 % "
            f"({sum(cell.holm_p < 0.05 for cell in self.cells)} by Holm); most of all, {strongest.summary()}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the table: colour is log2 of the odds ratio, a star marks a BH-adjusted p below 0.05."""
        ax = axis(ax)
        labels = list(dict.fromkeys(cell.label for cell in self.cells))
        groups = list(dict.fromkeys(cell.group for cell in self.cells))
        logs = np.log2([cell.odds_ratio for cell in self.cells]).reshape(len(labels), len(groups))
        ax.imshow(logs, cmap="RdBu_r", vmin=-6, vmax=6, aspect="auto")
        ax.set_xticks(range(len(groups)), groups)
        ax.set_yticks(range(len(labels)), labels)
        for number, cell in enumerate(self.cells):
            if cell.bh_p < 0.05:
                row, column = divmod(number, len(groups))
                ax.text(column, row, "*", ha="center", va="center")
        ax.set_title("log2 odds ratio (*: BH-adjusted p < 0.05)")
        return ax


def enrichment(labels: Sequence[str], *, groups: Sequence[str]) -> Enrichment:
    """Test for every label and group whether the group holds more units of that label than chance puts there.

    `labels[u]` and `groups[u]` are the kind and the group of unit u; each unit has one of either. The chance
    model keeps all counts and deals the labels out at random. Odds ratios have 0.5 added to all four counts
    (Haldane, Anscombe) and Woolf's interval, so they stay finite where a cell is full or empty. Raises
    `ValueError` when the lengths differ or there are fewer than two groups or labels.
    """
    from scipy.stats import hypergeom

    if len(labels) != len(groups):
        raise ValueError(f"{len(labels)} labels for {len(groups)} units: give each unit one label and one group")
    kinds, parts = list(dict.fromkeys(labels)), list(dict.fromkeys(groups))
    if len(kinds) < 2 or len(parts) < 2:
        raise ValueError(f"labels {kinds} in groups {parts}: there is nothing to compare; give two of each or more")
    seen = np.zeros((len(kinds), len(parts)))
    np.add.at(seen, ([kinds.index(label) for label in labels], [parts.index(group) for group in groups]), 1)
    of, size, units = seen.sum(1, keepdims=True), seen.sum(0, keepdims=True), len(labels)
    p = np.clip(hypergeom.sf(seen - 1, units, of, size), 0.0, 1.0)
    adjusted = (array.reshape(seen.shape) for array in (holm(p.ravel()), benjamini_hochberg(p.ravel())))
    columns = np.stack([of * size / units, p, *adjusted, *_odds(seen, of, size, units)], axis=-1)
    names = ("expected", "p", "holm_p", "bh_p", "odds_ratio", "odds_low", "odds_high")
    return Enrichment(
        cells=tuple(
            Cell(
                label=kind,
                group=part,
                seen=int(seen[row, column]),
                of=int(of[row, 0]),
                group_size=int(size[0, column]),
                units=units,
                **dict(zip(names, columns[row, column].tolist(), strict=True)),
            )
            for row, kind in enumerate(kinds)
            for column, part in enumerate(parts)
        )
    )


def _odds(seen: Numbers, of: Numbers, size: Numbers, units: int) -> tuple[Numbers, Numbers, Numbers]:
    a, b, c = seen + 0.5, of - seen + 0.5, size - seen + 0.5
    d = units - of - size + seen + 0.5
    log = np.log(a * d / (b * c))
    margin = 1.959964 * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return np.exp(log), np.exp(log - margin), np.exp(log + margin)
