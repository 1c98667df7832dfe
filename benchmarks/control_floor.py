"""The least time that an update's matrix products could take on one core: operations at the rate measured here."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from control_material import ACTION, OBSERVATION, Size

SIDE = 512  # of the product at which the rate is taken; larger ones are no faster


def rce_multiply_adds(size: Size, *, members: int = 1) -> int:
    """Return the multiply-adds of one update of RCE; nothing that could be left out is counted.

    Every state (now, next, later, examples) passes the actor once. The gradient of the inputs is needed in the climb
    alone, and there only that of the actions; the critics' own gradient only in their own loss.
    """
    actor, critic = _widths(size)
    rows = size.batch
    return members * (
        _forward(actor, 4 * rows)
        + 2 * _forward(critic, 2 * rows)  # targets: next, later
        + 2 * (_forward(critic, 2 * rows) + _weights(critic, 2 * rows) + _below(critic, 2 * rows))
        + 2 * (_forward(critic, rows) + _below(critic, rows) + rows * size.width * ACTION)  # the climb
        + (_weights(actor, rows) + _below(actor, rows))
    )


def sac_multiply_adds(size: Size) -> int:
    """Return those of one update of soft actor-critic: no examples, no later state."""
    actor, critic = _widths(size)
    rows = size.batch
    return (
        _forward(actor, 2 * rows)
        + 2 * _forward(critic, rows)
        + 2 * (_forward(critic, rows) + _weights(critic, rows) + _below(critic, rows))
        + 2 * (_forward(critic, rows) + _below(critic, rows) + rows * size.width * ACTION)
        + (_weights(actor, rows) + _below(actor, rows))
    )


class Rate:
    """Operations a second (a multiply-add is two) of one core in a large float32 product, the best library's."""

    def __init__(self) -> None:
        one = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
        room = np.empty_like(one)
        self.products: dict[str, Callable[[], object]] = {"numpy": lambda: np.matmul(one, one, out=room)}
        try:
            import torch
        except ImportError:
            return
        tensor, space = torch.from_numpy(one), torch.from_numpy(room)
        self.products["torch"] = lambda: torch.mm(tensor, tensor, out=space)

    def measure(self) -> dict[str, float]:
        """Return the rate of each library now."""
        return {name: 2 * SIDE**3 / _best(product) for name, product in self.products.items()}


def _widths(size: Size) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (OBSERVATION, *size.hidden, 2 * ACTION), (OBSERVATION + ACTION, *size.hidden, 1)


def _forward(widths: tuple[int, ...], rows: int) -> int:
    return rows * sum(wide * out for wide, out in pairwise(widths))


_weights = _forward  # the gradient of each weight matrix is a product of the same size


def _below(widths: tuple[int, ...], rows: int) -> int:
    """Return those of the slopes at the hidden layers."""
    return _forward(widths[1:], rows)


def _best(work: Callable[[], object]) -> float:
    found = np.inf
    for _ in range(10):
        start = time.process_time()
        work()
        found = min(found, time.process_time() - start)
    return found
