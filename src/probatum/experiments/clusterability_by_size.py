"""Are larger networks, networks with more data and networks of photographs more clusterable?

A question that Filan et al. 2021, "Clusterability in Neural Networks", left open, and with it the one what to
compare with: a larger network has more cuts to choose from. So each network stands against its shuffles and against
untrained networks of its own size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images
from probatum.datasets.loading import load_images
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.mlp import mlp, mlp_graph
from probatum.progress import track
from probatum.structure.clusterability import clusterability
from probatum.structure.clusterability_metrics import both_ways


@dataclass(frozen=True, kw_only=True)
class _Variant:
    """Hidden layers and their width; `share` of the pictures; `photographs`: grey CIFAR-10 in place of the data set."""

    width: int = 256
    hidden: int = 4
    share: float = 1.0
    photographs: bool = False


VARIANTS: Mapping[str, _Variant] = {
    "standard": _Variant(),
    "narrow": _Variant(width=64),
    "wide": _Variant(width=1024),
    "shallow": _Variant(hidden=2),
    "deep": _Variant(hidden=8),
    "few": _Variant(share=0.1),
    "photographs": _Variant(photographs=True),
}


def clusterability_by_size(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    variants: Sequence[str] = tuple(VARIANTS),
    images: int = 50_000,
    epochs: int = 5,
    clusters: int = 12,
    shuffles: int = 50,
) -> Mapping[str, float]:
    """Train multi-layer perceptrons that differ from the `standard` one in one thing each, and measure each.

    Variants: `standard` (four hidden layers of 256 units); `narrow`, `wide` (64, 1,024 units); `shallow`, `deep`
    (two, eight layers); `few` (a tenth of the pictures for ten times the epochs); `photographs` (as many of CIFAR-10,
    grey, the middle 28 by 28 pixels). Nothing is pruned. Metrics are named VARIANT_WHAT: all of clusterability_of_mlps;
    `init_ncut`, the mean refined n-cut of untrained networks, and `init_gap`, the part of it that the trained one
    is below; `units`. Raises `ValueError` for an unknown variant, `CannotRun` where the data are not on this machine.
    """
    if isinstance(variants, str) or not variants or not set(variants) <= set(VARIANTS):
        raise ValueError(f"variants {variants!r}: give a list of some of {', '.join(VARIANTS)}")
    metrics: dict[str, float] = {}
    for name in track(variants, total=len(variants), what="variants"):
        variant = VARIANTS[name]
        pictures = _pictures(dataset, images, variant, seed=seed)
        widths = (pictures.train_x[0].size, *[variant.width] * variant.hidden, pictures.classes)
        recipe = ClassifierRecipe(epochs=round(epochs / variant.share))
        trained = train_and_prune(mlp(widths=widths, seed=seed), pictures, recipe=recipe, seed=seed)["unpruned"]
        graph = mlp_graph(trained.network)
        found = both_ways(graph, seed=seed, clusters=clusters, shuffles=shuffles) | trained.scores()
        untrained = clusterability(
            graph, clusters=clusters, null="initialization", shuffles=max(shuffles // 2, 1), seed=seed, repeats=0
        )
        found |= {"init_ncut": untrained.null_mean, "init_gap": untrained.gap, "units": float(graph.units)}
        metrics |= {f"{name}_{what}": value for what, value in found.items()}
    return metrics


def _pictures(dataset: str, count: int, variant: _Variant, *, seed: int) -> Images:
    images = _middle_in_grey(load_images("cifar10")) if variant.photographs else load_images(dataset)
    return images.subset(round(variant.share * count), seed=seed)


def _middle_in_grey(images: Images, side: int = 28) -> Images:
    return replace(
        images,
        name=f"{images.name}, grey",
        train_x=_grey(images.train_x, side),
        test_x=_grey(images.test_x, side),
    )


def _grey(x: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    start = (x.shape[1] - side) // 2
    middle = x[:, start : start + side, start : start + side]
    grey: npt.NDArray[np.uint8] = middle.mean(axis=3, keepdims=True, dtype=np.float32).round().astype(np.uint8)
    return grey
