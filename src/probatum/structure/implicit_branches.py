"""Does a layer without branches hold them implicitly? Singular vectors of its absolute weights against unit scores.

Voss et al., "Branch Specialization", Distill 2021, read colour off the first singular vector between the first two
convolutions and frequency, perhaps, off the second. How the overall strength of units is dealt with is not said
there and decides the outcome, so three ways are reported side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.result import Result, axis
from probatum.structure.filter_tuning import filter_tuning

Numbers = npt.NDArray[np.float64]
VECTORS = 2


@dataclass(frozen=True, kw_only=True)
class VectorScore:
    """One singular vector beside one score of the units.

    `variant`: raw, centred or normalised; `vector`: 1 for the first; `energy`: its share of the squared singular
    values. `rho`: size of Spearman's rank correlation, 0 to 1 (a singular vector's sign means nothing); `chance`:
    its mean when the scores are dealt out to the units at random; `p`: how often that gives as much or more.
    """

    variant: str
    vector: int
    energy: float
    score: str
    rho: float
    chance: float
    p: float


@dataclass(frozen=True, kw_only=True)
class ImplicitBranches(Result):
    """Every singular vector in every variant beside every score; `first`, `second` are the normalised vectors."""

    units: int
    targets: int
    cells: tuple[VectorScore, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    scores: Mapping[str, tuple[float, ...]]

    def cell(self, variant: str, vector: int, score: str) -> VectorScore:
        """Return that comparison; `ValueError` names what there is."""
        for cell in self.cells:
            if (cell.variant, cell.vector, cell.score) == (variant, vector, score):
                return cell
        raise ValueError(
            f"no comparison of {variant!r}, vector {vector}, with {score!r}: there are {', '.join(VARIANTS)}, "
            f"vectors 1 to {VECTORS}, scores {', '.join(self.scores)}"
        )

    def summary(self) -> str:
        """Say for the leading score how the first vector of each variant follows it."""
        name = _leading(self.scores)
        found = (self.cell(variant, 1, name) for variant in VARIANTS)
        sizes = ", ".join(f"{cell.variant} {cell.rho:.2f} (p = {cell.p:.2g})" for cell in found)
        return (
            f"{name.replace('_', ' ')} of {self.units} units against the first singular vector of their absolute "
            f"weights to {self.targets}: {sizes}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the units at their places in the two normalised vectors, coloured by the leading score."""
        ax = axis(ax)
        name = _leading(self.scores)
        points = ax.scatter(self.first, self.second, c=self.scores[name], cmap="viridis", s=18)
        ax.figure.colorbar(points, ax=ax, label=name.replace("_", " "))
        ax.set(xlabel="first vector", ylabel="second vector", title="absolute weights, normalised by their sums")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the plane of the two vectors and the correlations of all variants."""
        return {"Units by the two leading singular vectors": self.plot, "Correlation by variant": self.plot_variants}

    def plot_variants(self, ax: Any = None) -> Any:
        """Draw the correlations with the leading score, one bar a variant and vector, chance as a line."""
        ax = axis(ax)
        name = _leading(self.scores)
        cells = [cell for cell in self.cells if cell.score == name]
        ax.bar(range(len(cells)), [cell.rho for cell in cells], color="C0")
        ax.plot(range(len(cells)), [cell.chance for cell in cells], "_", color="0.4", markersize=18, label="chance")
        ax.set_xticks(range(len(cells)), [f"{cell.variant}\n{cell.vector}" for cell in cells])
        ax.set(ylim=(0, 1), ylabel="|rank correlation|", title=name.replace("_", " "))
        ax.legend()
        return ax


def implicit_branches(
    first: npt.ArrayLike,
    *,
    second: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike] | None = None,
    draws: int = 1_999,
    seed: int = 0,
) -> ImplicitBranches:
    """Compare the leading singular vectors of the absolute weights behind a layer with scores of its units.

    `first`: weights of the layer, shape (units, channels, k, k), from which colour and frequency are read
    (`filter_tuning`); with `scores` given (name to values of shape (units,)) they are used instead, and `first`
    may be any array with one row a unit. `second`: weights that read the layer, shape (targets, units) or
    (targets, units, *kernel); the mean of the absolute values is taken over the kernel. Variants: `raw`; `centred`,
    minus the means of rows and columns; `normalised`, divided by the root of row sum times column sum, without the
    trivial first vector, as in correspondence analysis. `draws`: permutations of the scores behind p, which is at
    least 1 / (draws + 1). `seed` decides them. Raises `ValueError` for shapes that do not fit, a unit or target
    without any weight, NaN or infinite values.
    """
    units = np.asarray(first, np.float64)
    strengths = _strengths(units, np.asarray(second, np.float64))
    if draws < 1:
        raise ValueError(f"{draws} draws: give at least 1")
    given = filter_tuning(units) if scores is None else scores
    checked = {name: _checked(name, values, len(units)) for name, values in given.items()}
    rng = np.random.default_rng(seed)
    found = {name: _vectors(strengths, variant) for name, variant in VARIANTS.items()}
    cells = tuple(
        VectorScore(variant=name, vector=number + 1, energy=float(energy[number]), score=score, **compared)
        for name, (vectors, energy) in found.items()
        for number in range(VECTORS)
        for score, values in checked.items()
        for compared in (_compare(vectors[number], values, draws, rng),)
    )
    plane = found["normalised"][0]
    return ImplicitBranches(
        units=len(units),
        targets=len(strengths),
        cells=cells,
        first=tuple(plane[0].tolist()),
        second=tuple(plane[1].tolist()),
        scores={name: tuple(values.tolist()) for name, values in checked.items()},
    )


def _centred(strengths: Numbers) -> Numbers:
    rows, columns = strengths.mean(axis=1, keepdims=True), strengths.mean(axis=0, keepdims=True)
    return np.asarray(strengths - rows - columns + strengths.mean(), np.float64)


def _normalised(strengths: Numbers) -> Numbers:
    rows, columns = strengths.sum(axis=1, keepdims=True), strengths.sum(axis=0, keepdims=True)
    root = np.sqrt(rows * columns)
    # without the trivial pair of vectors, whose singular value is 1
    return np.asarray(strengths / root - root / strengths.sum(), np.float64)


VARIANTS: Mapping[str, Callable[[Numbers], Numbers]] = {
    "raw": lambda strengths: strengths,
    "centred": _centred,
    "normalised": _normalised,
}


def _strengths(units: Numbers, second: Numbers) -> Numbers:
    if second.ndim < 2 or units.ndim < 1 or second.shape[1] != len(units) or min(second.shape[:2]) < 4:
        raise ValueError(
            f"weights of shape {second.shape} behind a layer of shape {units.shape}: give (targets, units, ...) and "
            "(units, ...), at least 4 of each; of a grouped convolution give one group at a time"
        )
    if not np.isfinite(second).all():
        raise ValueError("weights hold NaN or infinite values; give finite ones")
    strengths: Numbers = np.abs(second).reshape(*second.shape[:2], -1).mean(axis=2)
    for kind, sums in (("target", strengths.sum(axis=1)), ("unit", strengths.sum(axis=0))):
        if not (sums > 0).all():
            raise ValueError(f"{kind} {int(np.argmin(sums))} has no weight but 0; leave it out")
    return strengths


def _checked(name: str, values: npt.ArrayLike, units: int) -> Numbers:
    array = np.asarray(values, np.float64)
    if array.shape != (units,) or not np.isfinite(array).all():
        raise ValueError(f"score {name!r} of shape {array.shape}: give one finite number for each of {units} units")
    return array


def _vectors(strengths: Numbers, variant: Callable[[Numbers], Numbers]) -> tuple[Numbers, Numbers]:
    _, values, vectors = np.linalg.svd(variant(strengths), full_matrices=False)
    return vectors, values**2 / max((values**2).sum(), np.finfo(float).tiny)


def _compare(vector: Numbers, values: Numbers, draws: int, rng: np.random.Generator) -> dict[str, float]:
    along, across = _ranks(vector), _ranks(values)
    rho = abs(float(along @ across))
    shuffled = np.abs(rng.permuted(np.tile(across, (draws, 1)), axis=1) @ along)
    p = (1 + np.count_nonzero(shuffled >= rho * (1 - 1e-12))) / (draws + 1)
    return {"rho": rho, "chance": float(shuffled.mean()), "p": float(p)}


def _ranks(values: Numbers) -> Numbers:
    from scipy.stats import rankdata

    centred = rankdata(values) - (len(values) + 1) / 2
    length = np.linalg.norm(centred)
    return np.asarray(centred / length if length > 0 else centred, np.float64)


def _leading(scores: Mapping[str, tuple[float, ...]]) -> str:
    return "colour_share" if "colour_share" in scores else next(iter(scores))
