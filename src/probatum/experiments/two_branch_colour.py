"""Does colour gather in one branch when the first two layers of a network are split in two?

Voss et al., "Branch Specialization", Distill 2021: it did in AlexNet, and in every retraining the authors know of.
One trial trains the branched network and the same one without the wall, from the same first filters on the same
pictures; in the second, the two halves are a placebo, and its weights are searched for a split of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from probatum.artifacts import attach
from probatum.datasets.images import Images
from probatum.datasets.loading import load_images
from probatum.networks.training import Recipe, train
from probatum.networks.two_branch_cnn import two_branch_cnn
from probatum.structure.filter_pictures import filters_svg
from probatum.structure.filter_tuning import filter_tuning
from probatum.structure.graded_enrichment import GradedEnrichment, graded_enrichment
from probatum.structure.grey_and_colour import colour_sensitivity, greyed
from probatum.structure.implicit_branches import implicit_branches

if TYPE_CHECKING:
    from torch import nn

SHOWN = 500  # test pictures on which the second layer is measured
NETWORKS: Mapping[str, int] = {"branched": 2, "control": 1}


def two_branch_colour(
    *, seed: int, dataset: str = "cifar10", images: int = 50_000, epochs: int = 5, filters: int = 96
) -> Mapping[str, float]:
    """Train both networks on `images` training pictures for `epochs` epochs and compare the halves of their layers.

    `dataset`: of colour pictures. `seed` decides first weights, pictures, order. Metrics of the first layer, where
    * is `branched`, `control` or `start` (before training): `separation_*`, |AUC - 0.5| of the filters' colour share
    between the halves; `excess_*`, the same minus its mean under shuffled membership, `p_*` by that shuffling;
    `colour_*`, `grey_*`, median colour share in the half that has more and in the other. `frequency_*`: chance that
    a filter of the more colourful half has the higher spatial frequency. `second_*`: chance that a unit of the second
    layer is more sensitive to colour if it stands in the half that is more colourful in the first. `rho_*`, with *
    raw, centred or normalised: |rank correlation| of the control's colour shares with the first singular vector
    behind them, `rho_excess_*` minus chance; `rho_frequency`, `rho_frequency_excess`: of the frequencies with the
    second normalised one. `accuracy_*` on all test pictures. Attaches `filters.svg`. Raises `CannotRun` where the
    data set is not on this machine.
    """
    pictures = load_images(dataset)
    if pictures.train_x.shape[3] != 3:
        raise ValueError(f"{dataset} has {pictures.train_x.shape[3]} channel: give a data set of colour pictures")
    pictures = pictures.subset(images, seed=seed)
    metrics: dict[str, float] = {}
    drawn: dict[str, npt.NDArray[np.float32]] = {}
    for name, branches in NETWORKS.items():
        network = two_branch_cnn(channels=3, classes=pictures.classes, seed=seed, branches=branches, filters=filters)
        start = _weights(network, "conv1")
        recipe = Recipe(epochs=epochs, batch=64, mirror_axis=2)
        metrics[f"accuracy_{name}"] = train(network, pictures, recipe=recipe, seed=seed)
        if name == "branched":
            metrics |= _first_layer(start, "start", seed)
        else:
            metrics |= _implicit(network, seed)
        metrics |= _first_layer(_weights(network, "conv1"), name, seed) | _second_layer(network, pictures, name, seed)
        drawn |= _titled(name, _weights(network, "conv1"))
    attach("filters.svg", filters_svg(drawn).encode())
    return metrics


def _weights(network: nn.Module, layer: str) -> npt.NDArray[np.float32]:
    return network.get_submodule(layer).weight.detach().contiguous().numpy().copy()  # type: ignore[operator]


def _halves(units: int) -> list[str]:
    return [str(2 * unit // units) for unit in range(units)]


def _colour(filters: npt.NDArray[np.float32], seed: int) -> GradedEnrichment:
    return graded_enrichment(filter_tuning(filters)["colour_share"], groups=_halves(len(filters)), seed=seed)


def _more_colourful(filters: npt.NDArray[np.float32], seed: int) -> str:
    return max(_colour(filters, seed).groups, key=lambda group: group.auc).group


def _first_layer(filters: npt.NDArray[np.float32], name: str, seed: int) -> dict[str, float]:
    split = _colour(filters, seed)
    ordered = sorted(split.groups, key=lambda group: group.auc)
    finer = graded_enrichment(filter_tuning(filters)["spatial_frequency"], groups=_halves(len(filters)), seed=seed)
    return {
        f"separation_{name}": split.separation,
        f"excess_{name}": split.separation - split.chance_separation,
        f"p_{name}": split.separation_p,
        f"colour_{name}": ordered[-1].median,
        f"grey_{name}": ordered[0].median,
        f"frequency_{name}": finer.group(ordered[-1].group).auc,
    }


def _second_layer(network: nn.Module, pictures: Images, name: str, seed: int) -> dict[str, float]:
    """How the second layer follows the first, from its activations on test pictures in colour and in grey."""
    import torch

    given = pictures.train_x
    mean = given.mean(axis=(0, 1, 2), dtype=np.float64)
    squares = np.einsum("nhwc,nhwc->c", given, given, dtype=np.int64, casting="unsafe")  # exact, without a copy
    spread = np.sqrt(squares / given[..., 0].size - mean**2)
    answers = []
    for shown in (pictures.test_x[:SHOWN], greyed(pictures.test_x[:SHOWN])):
        value = torch.tensor((shown - mean) / spread, dtype=torch.float32).permute(0, 3, 1, 2)
        with torch.inference_mode():
            for layer, module in network.named_children():
                value = module(value)
                if layer == "relu2":
                    break
        answers.append(value.numpy())
    sensitivity = colour_sensitivity(*answers)
    if np.ptp(sensitivity) == 0:
        return {f"second_{name}": 0.5}
    split = graded_enrichment(sensitivity, groups=_halves(len(sensitivity)), seed=seed)
    return {f"second_{name}": split.group(_more_colourful(_weights(network, "conv1"), seed)).auc}


def _implicit(network: nn.Module, seed: int) -> dict[str, float]:
    found = implicit_branches(_weights(network, "conv1"), second=_weights(network, "conv2"), seed=seed)
    metrics: dict[str, float] = {}
    for variant in ("raw", "centred", "normalised"):
        cell = found.cell(variant, 1, "colour_share")
        metrics |= {f"rho_{variant}": cell.rho, f"rho_excess_{variant}": cell.rho - cell.chance}
    finer = found.cell("normalised", 2, "spatial_frequency")
    return metrics | {"rho_frequency": finer.rho, "rho_frequency_excess": finer.rho - finer.chance}


def _titled(name: str, filters: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
    half = len(filters) // 2
    return {f"{name}, first half": filters[:half], f"{name}, second half": filters[half:]}
