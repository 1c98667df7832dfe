"""Remove the smallest weights of each tensor little by little while the network goes on training.

Zhu and Gupta 2017, "To prune, or not to prune": the share of zeros rises along a cubic curve; used by Filan et
al. 2021, "Clusterability in Neural Networks", from 50 % to 90 % of the weights of every tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class PruningSchedule:
    """Share of zeros in each tensor, from `first` to `last`, brought up to date every `every` steps."""

    first: float = 0.5
    last: float = 0.9
    every: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last < 1 or self.every < 1:
            raise ValueError(f"{self}: give 0 <= first <= last < 1 and every >= 1")

    def sparsity(self, step: int, steps: int) -> float:
        """Return the share of zeros wanted at `step` of `steps`: last + (first - last) (1 - step / steps)^3."""
        left = 1 - min(max(step / steps, 0.0), 1.0)
        return float(self.last + (self.first - self.last) * left**3)


def weight_tensors(network: nn.Module) -> dict[str, torch.Tensor]:
    """Return the weights of all dense layers and convolutions by parameter name; biases and norms are left out."""
    from torch import nn

    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    return {f"{path}.weight": module.weight for path, module in network.named_modules() if isinstance(module, kinds)}


def magnitude_masks(tensors: Mapping[str, torch.Tensor], *, sparsity: float) -> dict[str, torch.Tensor]:
    """Return a mask for each tensor that keeps all but the `sparsity` share of smallest absolute values.

    Weights that are zero already count among the smallest, so a weight once removed stays removed. Masks are of
    the tensor's shape and type, 1 to keep and 0 to remove.
    """
    import torch

    masks = {}
    for name, tensor in tensors.items():
        size = tensor.detach().abs()
        removed = round(sparsity * size.numel())
        if removed:
            bound = np.partition(size.cpu().numpy().ravel(), removed - 1)[removed - 1]
            masks[name] = (size > float(bound)).to(size.dtype)
        else:
            masks[name] = torch.ones_like(size)
    return masks


def apply_masks(tensors: Mapping[str, torch.Tensor], masks: Mapping[str, torch.Tensor]) -> None:
    """Set the removed weights to zero, in place."""
    import torch

    with torch.no_grad():
        for name, mask in masks.items():
            tensors[name].mul_(mask)
