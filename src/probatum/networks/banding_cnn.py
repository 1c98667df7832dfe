"""A small convolutional network in which weight banding can be tried in seconds.

After the simplified network of Petrov et al., "Weight Banding", Distill 2021, cut down to four convolutions
for pictures of 8 to 32 pixels: all of its layers treat rows and columns alike.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    from torch import nn

Head = Literal["gap", "fc"]


def banding_cnn(*, size: int, channels: int, classes: int, head: Head, seed: int) -> nn.Sequential:
    """Build the network: 7x7 (32), pool, 5x5 (64), 3x3 (64), 3x3 (64), head; batch norm and ReLU after each.

    `size`: side of the square pictures; from 16 on, the first convolution has stride 2 and a 2x2 max pool
    follows, below there is neither. `channels`: of the pictures. `head`: `gap` averages over all positions
    before the classifier, `fc` lets it see every position. `seed` decides the first weights; torch's own
    random state is left as it was. Raises `ValueError` for other sizes or heads, `MissingExtra` without
    torch.
    """
    if head not in ("gap", "fc"):
        raise ValueError(f"head {head!r}: give 'gap' (global average pooling) or 'fc' (fully connected)")
    if size < 8 or (size >= 16 and size % 4):
        raise ValueError(f"pictures of {size} pixels: give 8 to 15, or a multiple of 4 from 16 on")
    try:
        import torch
        from torch import nn
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    stride, side = (2, size // 4) if size >= 16 else (1, size)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        shapes = [(channels, 32, 7, stride), (32, 64, 5, 1), (64, 64, 3, 1), (64, 64, 3, 1)]
        for number, (inputs, outputs, kernel, step) in enumerate(shapes, start=1):
            layers[f"conv{number}"] = nn.Conv2d(inputs, outputs, kernel, step, kernel // 2, bias=False)
            layers[f"norm{number}"] = nn.BatchNorm2d(outputs)
            layers[f"relu{number}"] = nn.ReLU()
            if step == 2:
                layers["pool"] = nn.MaxPool2d(2)
        if head == "gap":
            layers["gap"] = nn.AdaptiveAvgPool2d(1)
        layers["flatten"] = nn.Flatten()
        layers["classifier"] = nn.Linear(64 if head == "gap" else 64 * side * side, classes)
    return nn.Sequential(layers)


def convolution_weights(network: nn.Module) -> dict[str, npt.NDArray[np.float32]]:
    """Return the weights of every 2-d convolution by its name, shape (units, input channels, k, k)."""
    from torch import nn

    return {
        name: module.weight.detach().cpu().contiguous().numpy().copy()
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d)
    }
