"""Train a picture classifier so that one seed gives the same weights, bit for bit, on the same machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images

if TYPE_CHECKING:
    import torch
    from torch import nn


Batch = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]  # pictures and their classes


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Gradient descent with Nesterov momentum and a learning rate that falls along a cosine to zero.

    `mirror_axis`: axis of the picture array (1 rows, 2 columns) along which half of the training pictures are
    mirrored anew in each epoch; None mirrors nothing.
    """

    epochs: int
    batch: int = 128
    learning_rate: float = 0.02
    momentum: float = 0.9
    weight_decay: float = 5e-4
    mirror_axis: int | None = None


def train(network: nn.Module, images: Images, *, recipe: Recipe, seed: int) -> float:
    """Train the network in place on one thread and return its accuracy (0 to 1) on the test pictures.

    `seed` decides the order of the pictures and which are mirrored. Pictures are scaled to mean 0 and
    standard deviation 1 per channel, by the training part. Raises `ValueError` where the loss stops being a
    number.
    """
    import torch

    if recipe.epochs < 1 or recipe.batch < 2:
        raise ValueError(f"{recipe}: give at least 1 epoch and batches of at least 2")
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        nesterov=recipe.momentum > 0,
    )
    steps = recipe.epochs * _batches(images, recipe)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    scale = _channel_scale(images.train_x)
    with _one_thread():
        network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        for pictures, classes in _stream(images, recipe, np.random.default_rng(seed)):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(_tensor(pictures, scale)), torch.tensor(classes))
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        if not torch.isfinite(loss):
            raise ValueError(f"the loss became {loss.item()}: try a lower learning rate than in {recipe}")
        return _accuracy(network, images, scale)


def _batches(images: Images, recipe: Recipe) -> int:
    """Whole batches in an epoch: a short one at the end would upset batch norm; at least one."""
    return max(len(images.train_x) // recipe.batch, 1)


def _stream(images: Images, recipe: Recipe, rng: np.random.Generator) -> Iterator[Batch]:
    """All batches of all epochs, in a new order each epoch."""
    for _ in range(recipe.epochs):
        order = rng.permutation(len(images.train_x))
        for start in range(0, _batches(images, recipe) * recipe.batch, recipe.batch):
            chosen = order[start : start + recipe.batch]
            pictures = images.train_x[chosen]
            if recipe.mirror_axis is not None:
                half = rng.random(len(pictures)) < 0.5
                pictures[half] = np.flip(pictures[half], recipe.mirror_axis)
            yield pictures, images.train_y[chosen]


def _channel_scale(pictures: npt.NDArray[np.uint8]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation per channel, from exact sums that make no copy of the pictures."""
    import torch

    count = pictures[..., 0].size
    mean = pictures.sum(axis=(0, 1, 2), dtype=np.int64) / count
    squares = np.einsum("nhwc,nhwc->c", pictures, pictures, dtype=np.int64, casting="unsafe") / count
    spread = np.sqrt(squares - mean**2)
    shape = (1, -1, 1, 1)
    return (
        torch.tensor(mean, dtype=torch.float32).view(shape),
        torch.tensor(np.maximum(spread, 1.0), dtype=torch.float32).view(shape),
    )


def _tensor(pictures: npt.NDArray[np.uint8], scale: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    import torch

    return (torch.tensor(pictures).permute(0, 3, 1, 2).float() - scale[0]) / scale[1]


def _accuracy(network: nn.Module, images: Images, scale: tuple[torch.Tensor, torch.Tensor]) -> float:
    import torch

    network.eval()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(images.test_x), 500):
            chosen = slice(start, start + 500)
            answer = network(_tensor(images.test_x[chosen], scale)).argmax(dim=1)
            right += int((answer == torch.tensor(images.test_y[chosen])).sum())
    return right / len(images.test_x)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums over several threads are added up in changing order; one thread makes them repeatable."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
