"""Do small networks show weight banding, and what do rotated input and a fully connected head change?

Petrov et al., "Weight Banding", Distill 2021: bands with global average pooling, turned by rotated input,
gone without the pooling. One trial trains the three networks from the same first weights, so differences are
paired.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from probatum.artifacts import attach
from probatum.datasets.loading import load_images
from probatum.networks.banding_cnn import Head, banding_cnn, convolution_weights
from probatum.networks.training import Recipe, train
from probatum.structure.banding import banding
from probatum.structure.weight_maps import weight_maps_svg

VARIANTS: Mapping[str, tuple[Head, bool]] = {  # head, and whether all pictures are turned by 90 degrees
    "gap": ("gap", False),
    "rotated": ("gap", True),
    "fc": ("fc", False),
}


def banding_of_small_networks(
    *, seed: int, dataset: str = "fashion_mnist", images: int = 10_000, epochs: int = 3
) -> Mapping[str, float]:
    """Train three networks on `images` training pictures for `epochs` epochs and measure their stripes.

    `dataset`: fashion_mnist, cifar10 or digits. The networks are `gap` (global average pooling), `rotated`
    (the same on pictures turned by 90 degrees) and `fc` (fully connected head). `seed` decides first weights,
    pictures, order. Metrics of each: `b_*`, banding B of the last convolution; `share_*`, part of its units
    with more row than column variance; `b3_*`, `b2_*`, `b1_*`, B of the convolutions before it; `accuracy_*`
    on all test pictures. Attaches `kernels.svg`, sixteen units of each last convolution. Raises `CannotRun`
    where the data set is not on this machine.
    """
    pictures = load_images(dataset).subset(images, seed=seed)
    metrics: dict[str, float] = {}
    last: dict[str, npt.NDArray[np.float32]] = {}
    for name, (head, turn) in VARIANTS.items():
        given = pictures.rotated() if turn else pictures
        _, size, _, channels = given.train_x.shape
        network = banding_cnn(size=size, channels=channels, classes=given.classes, head=head, seed=seed)
        mirror = None if dataset == "digits" else 1 if turn else 2  # a mirrored digit is no digit
        metrics[f"accuracy_{name}"] = train(network, given, recipe=Recipe(epochs=epochs, mirror_axis=mirror), seed=seed)
        weights = convolution_weights(network)
        final = banding(weights["conv4"], draws=1)
        metrics |= {f"b_{name}": final.b, f"share_{name}": final.share}
        metrics |= {f"b{layer}_{name}": banding(weights[f"conv{layer}"], draws=1).b for layer in (1, 2, 3)}
        last[f"{name}: B = {final.b:+.2f}"] = weights["conv4"]
    attach("kernels.svg", weight_maps_svg(last).encode())
    return metrics
