"""Hold every hidden unit's incoming weights at one length, which does not change what a ReLU network computes.

Filan et al. 2021, "Clusterability in Neural Networks", do so before each batch when they train with a penalty on
the n-cut; else a network could lower the penalty by rescaling its units, with no change of function.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

LENGTH = 2**0.5  # the expected length at He's initialization


def rescale_units(network: nn.Module) -> None:
    """Scale each hidden unit of a chain of dense layers, in place, to a length sqrt(2) of incoming weights and bias.

    The outgoing weights are divided by the same factor. Units without incoming weights are left as they are.
    Exact for ReLU (and for no activation function at all) between the layers.
    """
    import torch
    from torch import nn

    layers = [module for module in network.modules() if isinstance(module, nn.Linear)]
    with torch.no_grad():
        for layer, reader in itertools.pairwise(layers):
            norm = (layer.weight.square().sum(1) + layer.bias.square()).sqrt()
            factor = torch.where(norm > 0, LENGTH / norm, 1.0)
            layer.weight.mul_(factor[:, None])
            layer.bias.mul_(factor)
            reader.weight.div_(factor)
