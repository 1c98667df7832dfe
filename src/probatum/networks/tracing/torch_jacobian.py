"""How much each unit of a layer moves when a unit of a layer before it is moved, by automatic differentiation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from probatum.networks.tracing.torch_running import TorchRunner, interpret
from probatum.progress import track

Floats = npt.NDArray[np.float32]
Pair = tuple[str, str]

AT_ONCE = 32  # units of the target whose derivatives are taken together


def mean_jacobians(
    runner: TorchRunner, inputs: Any, pairs: Iterable[Pair], axes: Mapping[str, int | None]
) -> dict[Pair, Floats]:
    """Return for each (source value, target value) the mean sizes of derivatives, shape (source units, target units).

    `axes`: of the units in every value that is a source or a target; these are held fixed while one of them moves.
    """
    wanted = sorted(set(pairs))
    sums: dict[Pair, Tensor] = {}
    samples = torch.as_tensor(inputs).to(runner.example.dtype)
    for sample in track(samples, total=len(samples), what="derivatives"):
        leaves, made = _cut(runner, sample, axes)
        for target in dict.fromkeys(target for _, target in wanted):
            sources = [source for source, other in wanted if other == target]
            found = _derivatives(made[target], axes[target], [leaves[source] for source in sources])
            for source, table in zip(sources, found, strict=True):
                sizes = _by_unit(table, axes[source]).abs().T
                sums[source, target] = sums.get((source, target), torch.zeros_like(sizes)) + sizes
    return {pair: (total / len(samples)).cpu().numpy().astype(np.float32) for pair, total in sums.items()}


def _cut(
    runner: TorchRunner, sample: Tensor, axes: Mapping[str, int | None]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Run the network with every layer's value replaced by a copy that remembers nothing of what made it."""
    leaves: dict[str, Tensor] = {}
    made: dict[str, Tensor] = {}

    def change(name: str, value: Tensor) -> Tensor:
        if name not in axes or not value.is_floating_point():
            return value
        made[name] = value
        leaves[name] = value.detach().clone().requires_grad_()
        return leaves[name].clone()  # a step may write into what it is given

    with torch.enable_grad():
        interpret(runner.program, sample.unsqueeze(0), change)
    return leaves, made


def _derivatives(value: Tensor, axis: int | None, leaves: list[Tensor]) -> list[Tensor]:
    """Derivatives of every unit's mean by every element of the leaves, each (units, *shape of the leaf)."""
    if not value.requires_grad:
        units = value.numel() if axis is None else value.shape[axis]
        return [leaf.new_zeros((units, *leaf.shape)) for leaf in leaves]
    means = value.reshape(-1) if axis is None else value.movedim(axis, 0).flatten(1).mean(dim=1)
    each = torch.eye(len(means), dtype=means.dtype, device=means.device)
    parts = [_backward(means, rows, leaves) for rows in torch.split(each, AT_ONCE)]
    return [torch.cat(found) for found in zip(*parts, strict=True)]


def _backward(means: Tensor, rows: Tensor, leaves: list[Tensor]) -> list[Tensor]:
    try:
        found: Sequence[Any] = torch.autograd.grad(
            means, leaves, rows, retain_graph=True, allow_unused=True, is_grads_batched=True
        )
    except RuntimeError:  # an operation whose derivative cannot be taken for many at once
        single = [torch.autograd.grad(means, leaves, row, retain_graph=True, allow_unused=True) for row in rows]
        found = [None if parts[0] is None else torch.stack(parts) for parts in zip(*single, strict=True)]
    zeros = [leaf.new_zeros((len(rows), *leaf.shape)) for leaf in leaves]
    return [none if made is None else made for made, none in zip(found, zeros, strict=True)]


def _by_unit(table: Tensor, axis: int | None) -> Tensor:
    """Sum over positions: (rows, *shape) to (rows, units)."""
    if axis is None:
        return table.flatten(1)
    return table.movedim(axis + 1, 1).flatten(2).sum(dim=2)
