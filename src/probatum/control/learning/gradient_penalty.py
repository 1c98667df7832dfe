"""The gradient penalty of Gulrajani et al. 2017 (section 4), with its own gradient worked out for ReLU perceptrons."""

from __future__ import annotations

import numpy as np

from probatum.control.learning.mlp import Floats, MlpStack, Run, views


def penalty_gradient(run: Run, *, weight: float) -> tuple[Floats, Floats]:
    """Return the mean over rows of weight x (|d output / d input| - 1)^2, (S,), and its gradient (S, T, parameters).

    The rows are those of `run.forward` before; where a ReLU is at rest the output is linear in the input, so the
    gradient runs through a chain of matrix products with the same units alive.
    """
    stack: MlpStack = run.stack
    alive = [(value > 0).astype(np.float32) for value in run.values[:-1]]
    back = [np.ones_like(run.values[-1])]  # back[0] stands behind the last layer
    for layer in range(len(stack.weights) - 1, 0, -1):
        back.append(np.matmul(back[-1], stack.weights[layer].swapaxes(-1, -2)) * alive[layer - 1])
    back.reverse()  # now back[l] stands behind layer l
    slope = np.matmul(back[0], stack.weights[0].swapaxes(-1, -2))
    norm = np.sqrt((slope * slope).sum(axis=-1, keepdims=True) + np.float32(1e-12))
    forth = slope / norm * (norm - 1) * np.float32(2 * weight / run.rows)
    gradient = np.zeros_like(stack.flat)
    weights, _ = views(gradient, stack.widths)  # the biases only decide which units are alive
    for layer, matrix in enumerate(stack.weights):
        np.matmul(forth.swapaxes(-1, -2), back[layer], out=weights[layer])
        if layer < len(alive):
            forth = np.matmul(forth, matrix) * alive[layer]
    return weight * ((norm - 1) ** 2).mean(axis=(1, 2, 3)), gradient
