"""Six ways to end the same small network, from global average pooling to two dense layers: which ones make bands?

The interventions of Petrov et al., "Weight Banding", Distill 2021, cut down to the network of `banding_cnn`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Literal, get_args

from probatum.errors import MissingExtra
from probatum.networks.banding_cnn import banding_cnn

if TYPE_CHECKING:
    from torch import Tensor, nn

PoolingHead = Literal["gap", "fc", "x_pool", "mask", "attention", "max_fc"]
WIDTH = 64  # channels of the last convolution
MASKS = 5  # learned masks; the article tries 3, 5 and 16 and sees no difference
DENSE = 256  # units of the dense layer in `max_fc`; the article's has 4,096
HEAD_OF_GAP = ("gap", "flatten", "classifier")
HEAD_SEED = 1_000_003  # added to the seed, so that a head does not repeat the draws of the first convolution


def headed_cnn(*, size: int, channels: int, classes: int, head: PoolingHead, seed: int) -> nn.Sequential:
    """Build the network of `banding_cnn` with one of six heads; the convolutions start alike for one seed.

    `gap`: average over all positions. `fc`: every position seen by the classifier. `x_pool`: average over the
    columns of each row only. `mask`: five learned maps of positions, the same for all channels, by which the
    channels are summed; each starts near the plain average. `attention`: an average with weights that a 1x1
    convolution computes from the picture, a softmax over positions. `max_fc`: 2x2 max pool and a dense layer
    of 256 units before the classifier. `size`, `channels`, `classes` and `seed` as in `banding_cnn`. Raises
    `ValueError` for other heads and sizes, `MissingExtra` without torch.
    """
    if head not in get_args(PoolingHead):
        raise ValueError(f"head {head!r}: give one of {', '.join(get_args(PoolingHead))}")
    if head in {"gap", "fc"}:
        return banding_cnn(
            size=size, channels=channels, classes=classes, head="gap" if head == "gap" else "fc", seed=seed
        )
    try:
        import torch
        from torch import nn
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    plain = banding_cnn(size=size, channels=channels, classes=classes, head="gap", seed=seed)
    layers = OrderedDict((name, module) for name, module in plain.named_children() if name not in HEAD_OF_GAP)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed + HEAD_SEED)
        layers |= _head(head, side=size // 4 if size >= 16 else size, classes=classes)
    return nn.Sequential(layers)


def _head(head: str, *, side: int, classes: int) -> dict[str, nn.Module]:
    from torch import nn

    before: dict[str, dict[str, nn.Module]] = {
        "x_pool": {"x_pool": nn.AdaptiveAvgPool2d((None, 1))},
        "mask": {"positions": nn.Flatten(2), "masks": _masks(side * side)},
        "attention": {"attention": _attention()},
        "max_fc": {
            "max_pool": nn.MaxPool2d(2),
            "positions": nn.Flatten(),
            "dense": nn.Linear(WIDTH * (side // 2) ** 2, DENSE),
            "dense_relu": nn.ReLU(),
        },
    }
    features = {"x_pool": WIDTH * side, "mask": WIDTH * MASKS, "attention": WIDTH, "max_fc": DENSE}[head]
    return {**before[head], "flatten": nn.Flatten(), "classifier": nn.Linear(features, classes)}


def _masks(positions: int) -> nn.Module:
    """A linear map over positions that all channels share: one mask for each of its outputs."""
    import torch
    from torch import nn

    masks = nn.Linear(positions, MASKS, bias=False)
    with torch.no_grad():
        masks.weight.copy_((1 + 0.5 * torch.randn(MASKS, positions)) / positions)
    return masks


def _attention() -> nn.Module:
    from torch import nn

    class AttentionPool(nn.Module):
        """Average over positions with weights that depend on what is there."""

        def __init__(self) -> None:
            super().__init__()
            self.score = nn.Conv2d(WIDTH, 1, 1)

        def forward(self, features: Tensor) -> Tensor:
            weights: Tensor = self.score(features).flatten(2).softmax(dim=2)
            return (features.flatten(2) * weights).sum(dim=2)

    return AttentionPool()
