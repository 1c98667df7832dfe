"""Start a network from weights with built-in clusters: heavier inside a group of units than between groups.

Filan et al. 2021, "Clusterability in Neural Networks": every unit is given one of several modules at random;
first weights within a module are multiplied, those between modules are shrunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from probatum.networks.pruning import weight_tensors

if TYPE_CHECKING:
    import torch
    from torch import nn


def make_clusterable(network: nn.Module, *, modules: int = 10, shrink: float = 0.6, seed: int) -> None:
    """Scale the weights of every layer but the first, in place, so that units of one module hold together.

    The layers are the network's dense layers and convolutions in order, a chain; a dense layer that reads a
    flattened convolution is left as it is. Weights between modules are multiplied by `shrink`, those within one
    by 1 + (1 - shrink) (modules - 1), which keeps the expected sum of the sizes. `seed` decides the modules of the
    units; the outputs are dealt out evenly, one to each module where there are as many. Raises `ValueError`
    for fewer than 2 modules or a shrink outside 0 to 1.
    """
    import torch

    if modules < 2 or not 0 <= shrink <= 1:
        raise ValueError(f"modules {modules}, shrink {shrink}: give at least 2 modules and a shrink from 0 to 1")
    rng = np.random.default_rng(seed)
    tensors = list(weight_tensors(network).values())
    grow = 1 + (1 - shrink) * (modules - 1)
    source = rng.integers(modules, size=tensors[0].shape[0])
    with torch.no_grad():
        for tensor in tensors[1:]:
            last = tensor is tensors[-1]
            target = _outputs(tensor, modules) if last else rng.integers(modules, size=tensor.shape[0])
            if tensor.shape[1] == len(source):
                tensor.mul_(_factors(target, source, grow, shrink).view(*tensor.shape[:2], *[1] * (tensor.ndim - 2)))
            source = target


def _outputs(tensor: torch.Tensor, modules: int) -> npt.NDArray[np.int64]:
    return np.arange(tensor.shape[0], dtype=np.int64) % modules


def _factors(target: npt.NDArray[np.int64], source: npt.NDArray[np.int64], grow: float, shrink: float) -> torch.Tensor:
    import torch

    return torch.tensor(np.where(target[:, None] == source, grow, shrink), dtype=torch.float32)
