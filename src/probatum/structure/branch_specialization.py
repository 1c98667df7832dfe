"""Do the branches of a network specialize? Every branching of a network, in every score of its units.

Voss et al., "Branch Specialization", Distill 2021, saw it in labels given by hand. Here branches are found from the
network's graph and units are labelled by machine, from their activations or, in a first layer, from their filters;
labels by hand may be given too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.branches import Branching, branches
from probatum.networks.layered_graph import LayeredGraph
from probatum.progress import track
from probatum.result import Result, axis
from probatum.structure.branch_test import BranchLabels, BranchTest, branch_labels, branch_test
from probatum.structure.filter_tuning import filter_tuning
from probatum.structure.multiple_testing import benjamini_hochberg, holm
from probatum.structure.unit_tuning import unit_tuning

Numbers = npt.NDArray[np.float64]
Scores = Mapping[str, Mapping[str, Numbers]]  # layer, score: values of shape (units,)


@dataclass(frozen=True, kw_only=True)
class BranchSpecialization(Result):
    """`tests`: every place in every score, in the order of the network; `labelled`: places whose labels were given."""

    tests: tuple[BranchTest, ...]
    labelled: tuple[BranchLabels, ...]

    def test(self, place: str, score: str) -> BranchTest:
        """Return the comparison of the branches at `place` in `score`; `ValueError` names what there is."""
        for test in self.tests:
            if (test.place, test.score) == (place, score):
                return test
        raise ValueError(f"no test of {score!r} at {place!r}; places are {self._places()}, scores {self._scores()}")

    def summary(self) -> str:
        """Say in how many places the branches differ and where most."""
        said = [one.summary() for one in self.labelled]
        if self.tests:
            kept = sum(test.holm_p < 0.05 for test in self.tests)
            most = max(self.tests, key=lambda test: test.graded.epsilon_squared - test.graded.chance_epsilon_squared)
            said.append(
                f"branches differ in {kept} of {len(self.tests)} comparisons ({len(self._places())} places, "
                f"{len(self._scores())} scores, Holm's control at 5 %), most at {most.place} in {most.score}: "
                f"{most.graded.summary()}"
            )
        return "; ".join(said)

    def plot(self, ax: Any = None) -> Any:
        """Draw epsilon-squared above chance, places by scores, or the first table of labels where no score is."""
        if not self.tests:
            return self.labelled[0].plot(ax)
        places, scores = self._places(), self._scores()
        above = np.full((len(places), len(scores)), np.nan)
        for test in self.tests:
            graded = test.graded
            row, column = places.index(test.place), scores.index(test.score)
            above[row, column] = graded.epsilon_squared - graded.chance_epsilon_squared
        ax = axis(ax)
        picture = ax.imshow(above, cmap="Blues", vmin=0, aspect="auto")
        ax.figure.colorbar(picture, ax=ax, label="share of rank variance between branches, above chance")
        for test in (one for one in self.tests if one.holm_p < 0.05):
            ax.text(scores.index(test.score), places.index(test.place), "*", ha="center", va="center", color="black")
        ax.set_xticks(range(len(scores)), [score.replace("_", "\n") for score in scores], fontsize=7)
        ax.set_yticks(range(len(places)), places, fontsize=7)
        ax.set_title("branches apart (*: Holm-adjusted p < 0.05)")
        return ax

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the overview, then a table of branches by scores (or kinds) for each place."""
        shown: dict[str, Callable[[Any], Any]] = {}
        if self.tests:
            shown["Where branches differ, and in what"] = self.plot
        for one in self.labelled:
            shown[f"Labels by branch at {one.place}"] = one.plot
        for place in self._places():
            shown[f"Which branch scores high at {place}"] = partial(self._branches, place=place)
        return shown

    def _branches(self, ax: Any = None, *, place: str) -> Any:
        tests = [test for test in self.tests if test.place == place]
        aucs = [[group.auc - 0.5 for group in test.graded.groups] for test in tests]
        ax = axis(ax)
        ax.imshow(aucs, cmap="RdBu_r", vmin=-0.5, vmax=0.5, aspect="auto")
        ax.set_xticks(range(len(aucs[0])), [group.group for group in tests[0].graded.groups], rotation=30, ha="right")
        ax.set_yticks(range(len(tests)), [test.score.replace("_", " ") for test in tests])
        for row, test in enumerate(tests):
            for column, group in enumerate(test.graded.groups):
                mark = f"{group.auc:.2f}" + ("*" if group.holm_p < 0.05 else "")
                ax.text(column, row, mark, ha="center", va="center", fontsize=8, color="black")
        ax.set_title("AUC of a branch against the rest (*: Holm p < 0.05)")
        return ax

    def _places(self) -> list[str]:
        return list(dict.fromkeys(test.place for test in self.tests))

    def _scores(self) -> list[str]:
        return list(dict.fromkeys(test.score for test in self.tests))


def branch_specialization(
    network: LayeredGraph,
    *,
    model: Any = None,
    images: npt.ArrayLike | None = None,
    size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
    place: str | None = None,
    shuffles: int = 999,
    seed: int = 0,
) -> BranchSpecialization:
    """Test whether the units of a network's branches differ in what they respond to.

    Branches are found by `networks.branches.branches`; `place` chooses one concatenation or layer. With `model` (the
    torch module or ONNX file behind `network`), units are scored by `unit_tuning`, to which `images`, `size`, `mean`
    and `std` go; with neither `images` nor `size` given, or without a model, only filters of layers that read pictures
    are, by `filter_tuning`. `labels`: place to one label for every unit there, in the order of its branches. `shuffles`
    random dealings of units to branches, decided by `seed`, show what chance does. Raises `ValueError` where nothing
    has branches or no unit of a branch can be scored, and says what to give.
    """
    found = branches(network, place)
    if not found:
        raise ValueError(
            f"{network.name} has no branches: no concatenation of layers side by side and no groups. What it may hold "
            "without them is measured by unbranched_split"
        )
    if model is not None and (images is not None or size is not None):
        tuned = unit_tuning(network, model=model, images=images, size=size, mean=mean, std=std, seed=seed).scores
        scores: Scores = {
            layer: {name: np.array(values) for name, values in by_name.items()} for layer, by_name in tuned.items()
        }
    else:
        scores = _filters(network)
    labelled = _labelled(found, labels or {}, shuffles, seed)
    tests = _tests(found, scores, shuffles, seed)
    if not tests and not labelled:
        places = ", ".join(dict.fromkeys(one.name for one in found))
        raise ValueError(
            f"{network.name}: no unit of the branches at {places} can be scored from weights alone; give the model "
            "and images (or the size of generated pictures), or labels"
        )
    return BranchSpecialization(tests=tests, labelled=labelled)


def _filters(network: LayeredGraph) -> Scores:
    inputs = {layer.name for layer in network.layers if layer.kind == "input"}
    readers = {block.target for block in network.blocks if block.source in inputs}
    scores = {}
    for layer in (network.layer(name) for name in network.offsets if name in readers):
        if layer.weights is not None and layer.weights.ndim == 4 and min(layer.weights.shape[2:]) > 1:
            scores[layer.name] = filter_tuning(layer.weights)
    return scores


def _labelled(
    found: Sequence[Branching], labels: Mapping[str, Sequence[str]], shuffles: int, seed: int
) -> tuple[BranchLabels, ...]:
    unknown = sorted(set(labels) - {one.name for one in found})
    if unknown:
        raise ValueError(f"labels for {unknown}: branches are at {', '.join(sorted({one.name for one in found}))}")
    return tuple(
        branch_labels(one, labels[one.name], shuffles=shuffles, seed=seed) for one in found if one.name in labels
    )


def _tests(found: Sequence[Branching], scores: Scores, shuffles: int, seed: int) -> tuple[BranchTest, ...]:
    scored = [one for one in found if all(branch.layer in scores for branch in one.branches)]
    tests: list[BranchTest] = []
    for one in track(scored, total=len(scored), what="branches compared"):
        for name in scores[one.branches[0].layer]:
            values = one.gather({branch.layer: scores[branch.layer][name] for branch in one.branches})
            if np.ptp(values) > 0:
                tests.append(branch_test(one, name, values, shuffles=shuffles, seed=seed))
    if not tests:
        return ()
    p = [test.p for test in tests]
    adjusted = zip(tests, holm(p).tolist(), benjamini_hochberg(p).tolist(), strict=True)
    return tuple(replace(test, holm_p=by_holm, bh_p=by_bh) for test, by_holm, by_bh in adjusted)
