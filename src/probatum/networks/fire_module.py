"""The building block of SqueezeNet: a 1x1 squeeze, read by 1x1 and 3x3 convolutions side by side.

Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", section 3.
"""

from __future__ import annotations

import torch
from torch import nn


class Fire(nn.Module):
    """Squeeze to `squeezed` channels, then expand to `expanded` channels twice, ReLU after each convolution."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze1x1 = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, inputs, height, width) to (n, 2 x expanded, height, width), the 1x1 branch first."""
        x = torch.relu(self.squeeze1x1(x))
        return torch.cat([torch.relu(self.expand1x1(x)), torch.relu(self.expand3x3(x))], dim=1)
