"""Which ways to end a small network leave its weights banded, and which make the bands go away?

Petrov et al., "Weight Banding", Distill 2021, who change one thing at a time and judge by eye. One trial trains
all networks from the same first convolutions on the same pictures in the same order, so differences are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from probatum.artifacts import attach
from probatum.datasets.images import Images
from probatum.datasets.loading import load_images
from probatum.networks.banding_cnn import convolution_weights
from probatum.networks.banding_heads import PoolingHead, headed_cnn
from probatum.networks.training import Recipe, train
from probatum.progress import track
from probatum.structure.banding import banding
from probatum.structure.weight_maps import weight_maps_svg

Kernels = Mapping[str, npt.NDArray[np.float32]]


def banding_interventions(
    *,
    seed: int,
    dataset: str = "cifar10",
    images: int = 30_000,
    epochs: int = 3,
    heads: Sequence[PoolingHead] = ("gap", "x_pool", "mask", "attention", "max_fc", "fc"),
    mirror: bool = True,
) -> Mapping[str, float]:
    """Train one network for each head on `images` training pictures for `epochs` epochs and measure its stripes.

    `heads` are those of `headed_cnn`. `mirror`: half of the training pictures are mirrored left to right.
    `dataset`: cifar10, fashion_mnist or digits. `seed` decides first weights, pictures, order. Metrics of each
    head: `b_*`, banding B of the last convolution; `share_*`, part of its units with more row than column
    variance; `b3_*`, `share3_*`, the same of the convolution before it; `b2_*`, `b1_*`, B further down;
    `accuracy_*` on all test pictures. Attaches `kernels.svg`, sixteen units of each last convolution. Raises
    `CannotRun` where the data set is not on this machine.
    """
    if isinstance(heads, str) or not heads:
        raise ValueError(f"heads {heads!r}: give a list of heads, such as ['gap', 'mask']")
    pictures = load_images(dataset).subset(images, seed=seed)
    metrics: dict[str, float] = {}
    last: dict[str, npt.NDArray[np.float32]] = {}
    for head in track(heads, total=len(heads), what="networks"):
        metrics[f"accuracy_{head}"], weights = _trained(pictures, head, epochs, mirror, seed)
        metrics |= {f"{name}_{head}": value for name, value in _measured(weights).items()}
        last[f"{head}: B = {metrics[f'b_{head}']:+.2f}"] = weights["conv4"]
    attach("kernels.svg", weight_maps_svg(last).encode())
    return metrics


def _trained(pictures: Images, head: PoolingHead, epochs: int, mirror: bool, seed: int) -> tuple[float, Kernels]:
    _, size, _, channels = pictures.train_x.shape
    network = headed_cnn(size=size, channels=channels, classes=pictures.classes, head=head, seed=seed)
    recipe = Recipe(epochs=epochs, mirror_axis=2 if mirror else None)
    return train(network, pictures, recipe=recipe, seed=seed), convolution_weights(network)


def _measured(weights: Kernels) -> dict[str, float]:
    found = {layer: banding(weights[f"conv{layer}"], draws=1) for layer in (1, 2, 3, 4)}
    return {
        "b": found[4].b,
        "share": found[4].share,
        "b3": found[3].b,
        "share3": found[3].share,
        "b2": found[2].b,
        "b1": found[1].b,
    }
