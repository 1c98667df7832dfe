"""A small convolutional network and the graph of its channels, from one convolution to the next.

The one of Filan et al. 2021, "Clusterability in Neural Networks": three 3x3 convolutions, max pooling after the
second and third, one hidden dense layer. A channel is a node and the L1 norm of a kernel slice an edge; the first
convolution's inputs and the dense layers are no part of the graph.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from probatum.errors import MissingExtra
from probatum.networks.layered_graph import Block, Layer, LayeredGraph

if TYPE_CHECKING:
    from torch import nn

SMALLEST = 14  # pixels: the last pooling then leaves one position


def small_cnn(
    *,
    size: int,
    channels: int,
    classes: int,
    filters: int = 64,
    hidden: int = 128,
    dropout: tuple[float, float] = (0.0, 0.0),
    seed: int,
) -> nn.Sequential:
    """Build the network for square pictures of `size` pixels, without padding.

    `filters`: channels of each convolution; `hidden`: units of the dense layer. `dropout`: shares set to zero
    behind each pooling and behind the dense layer. `seed` decides the first weights (Glorot uniform, biases zero);
    torch's own random state is left as it was. Raises `ValueError` for smaller pictures than 14 pixels,
    `MissingExtra` without torch.
    """
    if size < SMALLEST or min(channels, classes, filters, hidden) < 1:
        raise ValueError(f"pictures of {size} pixels: give {SMALLEST} or more, and at least one of everything else")
    try:
        import torch
        from torch import nn
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    side = ((size - 4) // 2 - 2) // 2
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for number, inputs in enumerate((channels, filters, filters), start=1):
            layers[f"conv{number}"] = nn.Conv2d(inputs, filters, 3)
            layers[f"relu{number}"] = nn.ReLU()
            if number > 1:
                layers[f"pool{number}"] = nn.MaxPool2d(2)
                layers[f"dropout{number}"] = nn.Dropout(dropout[0])
        layers["flatten"] = nn.Flatten()
        layers["dense1"] = nn.Linear(filters * side * side, hidden)
        layers["relu4"] = nn.ReLU()
        layers["dropout4"] = nn.Dropout(dropout[1])
        layers["dense2"] = nn.Linear(hidden, classes)
        for layer in layers.values():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    kept = OrderedDict((name, layer) for name, layer in layers.items() if getattr(layer, "p", 1.0) > 0)
    network = nn.Sequential(kept)  # without dropout of nothing, which costs time
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def convolution_graph(network: nn.Module, *, name: str = "cnn") -> LayeredGraph:
    """Return the graph of the channels of a chain of convolutions, without the first one's inputs.

    The layers are the `Conv2d` modules in the order in which the network lists them. Raises `ValueError` where
    there are fewer than two or where one's inputs are not the channels of the one before.
    """
    from torch import nn

    layers: list[Layer] = []
    blocks: list[Block] = []
    for path, module in network.named_modules():
        if not isinstance(module, nn.Conv2d):
            continue
        weights = module.weight.detach().cpu().contiguous().numpy().astype(np.float32)
        outputs, inputs, *kernel = weights.shape
        area, tensor = int(np.prod(kernel)), f"{path}.weight"
        if layers:
            if layers[-1].units != inputs:
                raise ValueError(f"{tensor} takes {inputs} channels, the layer before it has {layers[-1].units}")
            edges = np.ascontiguousarray(np.abs(weights).sum(axis=(2, 3)).T)
            fans = {"fan_in": inputs * area, "fan_out": outputs * area}
            blocks.append(Block(source=layers[-1].name, target=path, weights=edges, tied=tensor, area=area, **fans))
        layers.append(Layer(name=path, units=outputs, kind="convolution", tensor=tensor, weights=weights))
    return LayeredGraph(name=name, layers=tuple(layers), blocks=tuple(blocks))
