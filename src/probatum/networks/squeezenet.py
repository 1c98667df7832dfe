"""SqueezeNet 1.1, a small network with two branches in each module, from the weights of a file.

Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", in its release 1.1.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from torch import nn

INPUT_SHAPE = (1, 3, 227, 227)  # blue, green, red, minus their means over ImageNet
FIRES = {2: (64, 16, 64), 3: (128, 16, 64), 4: (128, 32, 128), 5: (256, 32, 128)} | {
    6: (256, 48, 192),
    7: (384, 48, 192),
    8: (384, 64, 256),
    9: (512, 64, 256),
}  # inputs, squeezed, expanded
POOLED = (3, 5)  # a 3x3 max pool with stride 2 follows these fire modules, and conv1


def is_squeezenet11(names: Mapping[str, Any]) -> bool:
    """Say whether tensors of these names are those of `squeezenet11`."""
    return {"conv1.weight", "fire2.squeeze1x1.weight", "fire9.expand3x3.weight", "conv10.weight"} <= set(names)


def squeezenet11(weights: Mapping[str, npt.NDArray[np.float32]]) -> nn.Sequential:
    """Build SqueezeNet 1.1 in eval mode with these weights (`datasets.load_squeezenet`).

    `weights`: `conv1.weight` (64, 3, 3, 3), `fire2.squeeze1x1.weight` and so on to `conv10.weight`, and biases. Maps
    pictures (n, 3, 227, 227), blue, green and red minus (103.939, 116.779, 123.68), to scores (n, classes). Raises
    `ProbatumError` for tensors that are missing, too many or of another shape, `MissingExtra` without torch.
    """
    try:
        import torch
        from torch import nn
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    classes = len(weights["conv10.weight"]) if "conv10.weight" in weights else 1000
    with torch.random.fork_rng(devices=[]):
        network = nn.Sequential(_layers(classes))
    given = {name: torch.tensor(np.asarray(array, np.float32)) for name, array in weights.items()}
    _check(given, network.state_dict())
    network.load_state_dict(given)
    return network.eval()


def _layers(classes: int) -> OrderedDict[str, nn.Module]:
    from torch import nn

    from probatum.networks.fire_module import Fire

    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["conv1"], layers["relu1"] = nn.Conv2d(3, 64, 3, 2), nn.ReLU()
    layers["pool1"] = nn.MaxPool2d(3, 2, ceil_mode=True)
    for number, sizes in FIRES.items():
        layers[f"fire{number}"] = Fire(*sizes)
        if number in POOLED:
            layers[f"pool{number}"] = nn.MaxPool2d(3, 2, ceil_mode=True)
    layers["conv10"], layers["relu10"] = nn.Conv2d(512, classes, 1), nn.ReLU()
    layers["gap"], layers["flatten"] = nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return layers


def _check(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Name the first tensor that does not fit."""
    for name in [*wanted, *given]:
        found = tuple(given[name].shape) if name in given else "nothing"
        right = tuple(wanted[name].shape) if name in wanted else "nothing"
        if found != right:
            raise ProbatumError(f"SqueezeNet 1.1: tensor {name!r} has shape {right}; found {found}")
