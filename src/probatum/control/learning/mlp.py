"""Stacks of equal multilayer perceptrons with ReLU, forward and backward, as batched matrix products in float32.

S members (seeds that are trained side by side) times T twins run in each product. All parameters of a stack lie in
one array, so that an optimizer, a target network and a checkpoint each deal with one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray

from probatum.control.learning.layer_kernels import add_bias_and_rectify, stop_at_rest

Floats = NDArray[np.float32]


@final
class MlpStack:
    """S x T perceptrons: `flat` (S, T, parameters) with views `weights[l]` (S, T, in, out), `biases[l]` (S, T, 1, out).

    `generators`, one a member, draw the first weights uniformly within +-sqrt(6 / (in + out)) (Glorot, Bengio 2010).
    """

    def __init__(self, widths: Sequence[int], *, twins: int, generators: Sequence[np.random.Generator]) -> None:
        self.widths = tuple(widths)
        shapes = list(pairwise(self.widths))
        size = sum((wide + 1) * out for wide, out in shapes)
        self.flat: Floats = np.zeros((len(generators), twins, size), np.float32)
        self.weights, self.biases = views(self.flat, self.widths)
        for weight, (wide, out) in zip(self.weights, shapes, strict=True):
            limit = np.sqrt(6 / (wide + out))
            for member, generator in enumerate(generators):
                weight[member] = generator.uniform(-limit, limit, weight.shape[1:])

    def run(self, rows: int) -> Run:
        """Return room for a forward and backward pass over `rows` rows, to be used again and again."""
        return Run(self, rows)


def views(flat: Floats, widths: Sequence[int]) -> tuple[list[Floats], list[Floats]]:
    """Return the weights (..., in, out) and biases (..., 1, out) as views of `flat` (..., parameters)."""
    weights, biases, start = [], [], 0
    for wide, out in pairwise(widths):
        end = start + wide * out
        weights.append(flat[..., start:end].reshape(*flat.shape[:-1], wide, out))
        biases.append(flat[..., None, end : end + out])
        start = end + out
    return weights, biases


@final
class Run:
    """One pass over a stack: keeps what `backward` needs, and overwrites it at the next `forward`."""

    def __init__(self, stack: MlpStack, rows: int) -> None:
        members, twins, _ = stack.flat.shape
        self.stack = stack
        self.rows = rows
        self.values = [np.empty((members, twins, rows, width), np.float32) for width in stack.widths[1:]]
        self.slopes = [np.empty_like(value) for value in self.values]
        self.gradient = np.zeros_like(stack.flat)
        self._weight_gradients, self._bias_gradients = views(self.gradient, stack.widths)
        self.inputs: Floats = np.empty((members, 1, rows, stack.widths[0]), np.float32)

    def forward(self, inputs: Floats) -> Floats:
        """Return the outputs (S, T, rows, out) for `inputs` (S, T or 1, rows, in); both are kept, not copied."""
        self.inputs = inputs
        for layer, (weight, bias) in enumerate(zip(self.stack.weights, self.stack.biases, strict=True)):
            np.matmul(self.values[layer - 1] if layer else inputs, weight, out=self.values[layer])
            if layer < len(self.values) - 1:
                add_bias_and_rectify(self.values[layer], bias)
            else:
                self.values[layer] += bias
        return self.values[-1]

    def backward(self, slope: Floats, *, rows: int | None = None) -> Floats:
        """Return the gradient (S, T, parameters) of a loss by its `slope` at the outputs of the first `rows` rows."""
        rows = rows or self.rows
        for layer in range(len(self.values) - 1, -1, -1):
            before = self.inputs if layer == 0 else self.values[layer - 1]
            np.matmul(before[:, :, :rows].swapaxes(-1, -2), slope, out=self._weight_gradients[layer])
            np.add.reduce(slope, axis=-2, keepdims=True, out=self._bias_gradients[layer])
            if layer:
                slope = self._through(layer, slope, rows)
        return self.gradient

    def input_slope(self, slope: Floats, *, columns: slice) -> Floats:
        """Return the slope (S, T, rows, columns) at the inputs; the parameters' gradient is not computed."""
        for layer in range(len(self.values) - 1, 0, -1):
            slope = self._through(layer, slope, self.rows)
        found: Floats = np.matmul(slope, self.stack.weights[0][:, :, columns].swapaxes(-1, -2))
        return found

    def _through(self, layer: int, slope: Floats, rows: int) -> Floats:
        """Pass a slope back through the weights of `layer` and the ReLU before it."""
        below = self.slopes[layer - 1][:, :, :rows]
        across = self.stack.weights[layer].swapaxes(-1, -2)
        if slope.shape[-1] == 1:  # an outer product, at which matrix products are slow
            np.multiply(slope, across, out=below)
        else:
            np.matmul(slope, across, out=below)
        stop_at_rest(below, self.values[layer - 1][:, :, :rows])
        return below
