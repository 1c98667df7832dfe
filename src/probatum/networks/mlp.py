"""A multi-layer perceptron with ReLU units, and its graph: a unit is a node, the size of a weight an edge.

As measured by Filan et al. 2021, "Clusterability in Neural Networks": inputs and outputs are units too, biases
are left out.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from probatum.errors import MissingExtra
from probatum.networks.layered_graph import Block, Layer, LayeredGraph

if TYPE_CHECKING:
    from torch import nn


def mlp(*, widths: Sequence[int] = (784, 256, 256, 256, 256, 10), dropout: float = 0.0, seed: int) -> nn.Sequential:
    """Build the network: its inputs flattened, then dense layers with ReLU and dropout behind all but the last.

    `widths`: numbers of inputs, hidden units of each layer, outputs. `dropout`: share of the hidden units that is
    set to zero while training, 0 to below 1. `seed` decides the first weights (Glorot uniform; biases start at
    zero); torch's own random state is left as it was. Raises `ValueError` for fewer than three widths or a width
    below 1, `MissingExtra` without torch.
    """
    if len(widths) < 3 or min(widths) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            f"widths {tuple(widths)} and dropout {dropout}: give at least inputs, one hidden layer and outputs, "
            "each of 1 unit or more, and dropout from 0 to below 1"
        )
    try:
        import torch
        from torch import nn
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for number, (inputs, outputs) in enumerate(itertools.pairwise(widths), start=1):
            dense = nn.Linear(inputs, outputs)
            nn.init.xavier_uniform_(dense.weight)
            nn.init.zeros_(dense.bias)
            layers[f"dense{number}"] = dense
            if number < len(widths) - 1:
                layers[f"relu{number}"] = nn.ReLU()
                if dropout:
                    layers[f"dropout{number}"] = nn.Dropout(dropout)
    return nn.Sequential(layers)


def mlp_graph(network: nn.Module, *, name: str = "mlp") -> LayeredGraph:
    """Return the graph of a chain of dense layers, from the inputs to the outputs.

    The layers are the `Linear` modules in the order in which the network lists them. Raises `ValueError` where
    there is none or where one's inputs are not the outputs of the one before.
    """
    from torch import nn

    layers: list[Layer] = []
    blocks: list[Block] = []
    for path, module in network.named_modules():
        if not isinstance(module, nn.Linear):
            continue
        weights = module.weight.detach().cpu().contiguous().numpy().astype(np.float32)
        outputs, inputs = weights.shape
        if not layers:
            layers.append(Layer(name="input", units=inputs, kind="input"))
        if layers[-1].units != inputs:
            raise ValueError(
                f"{path}.weight takes {inputs} inputs, but the layer before it, {layers[-1].name}, has "
                f"{layers[-1].units} units; a chain of dense layers is expected"
            )
        tensor = f"{path}.weight"
        edges = np.ascontiguousarray(np.abs(weights.T))
        blocks.append(
            Block(source=layers[-1].name, target=path, weights=edges, tied=tensor, fan_in=inputs, fan_out=outputs)
        )
        layers.append(Layer(name=path, units=outputs, kind="dense", tensor=tensor, weights=weights))
    return LayeredGraph(name=name, layers=tuple(layers), blocks=tuple(blocks))
