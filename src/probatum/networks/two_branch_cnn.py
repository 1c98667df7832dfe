"""A small convolutional network whose first two layers run in branches that cannot see each other.

After AlexNet (Krizhevsky et al. 2012), whose first two layers were split over two graphics cards; Voss et al.,
"Branch Specialization", Distill 2021, look at what gathers in which half. Cut down to pictures of 16 pixels and
more; with one branch it is the same network without the wall.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    from torch import nn

FIRST_SPREAD = 0.01  # standard deviation of AlexNet's first weights


def two_branch_cnn(
    *, channels: int, classes: int, seed: int, branches: int = 2, filters: int = 96, width: int = 64
) -> nn.Sequential:
    """Build the network: 7x7 stride 2, pool, 3x3 in `branches` groups, pool, 3x3, mean over positions, classifier.

    Batch norm and ReLU follow each convolution. `filters`: units of `conv1` in all branches together; branch b
    holds those from b * filters / branches on. `conv2` and `conv3` have `width` units each; `conv2` reads within
    its branch, `conv3` reads everything. `channels`: of the pictures. The weights of `conv1` start from a normal
    distribution of standard deviation 0.01, as AlexNet's did, and do not depend on `branches`; the others start as
    torch has it. `seed` decides them; torch's own random state is left as it was. Raises `ValueError` where the
    units do not divide among the branches, `MissingExtra` without torch.
    """
    if branches < 1 or filters < 1 or width < 1 or filters % branches or width % branches:
        raise ValueError(f"{filters} and {width} units in {branches} branches: give multiples of the branches")
    try:
        import torch
        from torch import nn
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers["conv1"] = nn.Conv2d(channels, filters, 7, stride=2, padding=3, bias=False)
        nn.init.normal_(layers["conv1"].weight, std=FIRST_SPREAD)  # type: ignore[arg-type]
        layers |= {"norm1": nn.BatchNorm2d(filters), "relu1": nn.ReLU(), "pool1": nn.MaxPool2d(2)}
        layers["conv2"] = nn.Conv2d(filters, width, 3, padding=1, groups=branches, bias=False)
        layers |= {"norm2": nn.BatchNorm2d(width), "relu2": nn.ReLU(), "pool2": nn.MaxPool2d(2)}
        layers["conv3"] = nn.Conv2d(width, width, 3, padding=1, bias=False)
        layers |= {"norm3": nn.BatchNorm2d(width), "relu3": nn.ReLU(), "gap": nn.AdaptiveAvgPool2d(1)}
        layers |= {"flatten": nn.Flatten(), "classifier": nn.Linear(width, classes)}
    return nn.Sequential(layers)
