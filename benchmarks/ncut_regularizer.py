"""How long does the clusterability penalty take with its gradient, beside torch's derivative of a dense eigensolver?

Run `python benchmarks/ncut_regularizer.py`. One thread, CPU time, median of several runs; the last column is what the
two gradients differ by, at most, over the largest entry.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from probatum.structure.ncut_regularizer import ncut_penalty

NETWORKS = {"49-64x3-10": (49, 64, 64, 64, 10), "784-256x4-10": (784, 256, 256, 256, 256, 10)}
EIGENVALUES = 3


def network(widths: tuple[int, ...]) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*(part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())))


def dense(model: nn.Sequential) -> Tensor:
    """The penalty as torch differentiates it by itself: the whole Laplacian, all of its eigenvalues."""
    blocks = [module.weight.abs() for module in model if isinstance(module, nn.Linear)]
    ends = [0, blocks[0].shape[1]]
    for block in blocks:
        ends.append(ends[-1] + len(block))
    whole = blocks[0].new_zeros(ends[-1], ends[-1])
    for number, block in enumerate(blocks):
        whole[ends[number + 1] : ends[number + 2], ends[number] : ends[number + 1]] = block
    whole = whole + whole.T
    root = whole.sum(0).rsqrt()
    laplacian = torch.eye(len(whole)) - root[:, None] * whole * root
    return torch.linalg.eigvalsh(laplacian)[1 : EIGENVALUES + 1].mean()


def weights(model: nn.Sequential) -> list[Tensor]:
    return [parameter for parameter in model.parameters() if parameter.ndim > 1]


def seconds(penalty: Callable[[], Tensor], model: nn.Sequential, runs: int) -> float:
    """Median CPU time of the penalty and its gradient, with a small step of the weights between runs."""
    spent = []
    for _ in range(runs + 1):  # the first is to warm up
        start = time.process_time()
        torch.autograd.grad(penalty(), weights(model))
        spent.append(time.process_time() - start)
        with torch.no_grad():
            for weight in weights(model):
                weight.add_(1e-3 * torch.randn_like(weight))
    return statistics.median(spent[1:])


def difference(model: nn.Sequential) -> float:
    """Largest difference of the two gradients over the largest entry, after one step from a known solution."""
    exact = torch.autograd.grad(dense(model), weights(model))
    ours = torch.autograd.grad(ncut_penalty(model, eigenvalues=EIGENVALUES), weights(model))
    largest = max(float(slope.abs().max()) for slope in exact)
    return max(float((a - b).abs().max()) for a, b in zip(exact, ours, strict=True)) / largest


def main() -> None:
    torch.set_num_threads(1)
    print(f"{'network':<14}{'dense autograd':>16}{'exact':>12}{'warm start':>12}{'gain':>16}{'difference':>12}")
    for name, widths in NETWORKS.items():
        model, memory = network(widths), {}
        slow = seconds(lambda model=model: dense(model), model, 3)
        exact = seconds(lambda model=model: ncut_penalty(model, eigenvalues=EIGENVALUES), model, 9)
        warm = seconds(lambda model=model, memory=memory: ncut_penalty(model, memory=memory), model, 21)
        times = f"{1e3 * slow:>13.1f} ms{1e3 * exact:>9.1f} ms{1e3 * warm:>9.1f} ms"
        print(f"{name:<14}{times}{slow / exact:>7.0f}x{slow / warm:>7.0f}x{difference(model):>12.1e}")


if __name__ == "__main__":
    main()
