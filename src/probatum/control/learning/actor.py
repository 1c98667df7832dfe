"""What a training leaves behind: the network that acts (actor) and the one that foresees success (critic).

Both are plain arrays, so a learned policy acts wherever numpy runs. The squashed Gaussian is that of Haarnoja et al.,
"Soft Actor-Critic", 2018, appendix C; the twins and their minimum are those of Fujimoto et al. 2018, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from probatum.errors import ProbatumError

Float32Array = npt.NDArray[np.float32]
Layers = tuple[tuple[Float32Array, Float32Array], ...]

LIMIT = np.float32(10.0)  # a normalised observation stays within so many scales of the mean
SMALLEST_STD = np.float32(1e-3)
ZERO = np.float32(0.0)  # a Python 0 would be converted at each call


@final
@dataclass(frozen=True, eq=False)
class Actor:
    """The network that acts: observations to actions.

    `weights`: a pair (W (inputs, outputs), b (outputs,)) per layer, float32, ReLU between the layers. The last layer
    has 2 k outputs for actions of k numbers (means, then raw deviations), or n logits for n choices (`discrete`).
    `mean`, `scale`: (observation,), the normalisation of the observations. Raises `ProbatumError` where sizes or types
    do not fit together.
    """

    weights: Layers
    mean: Float32Array
    scale: Float32Array
    discrete: bool

    def __post_init__(self) -> None:
        _refuse_misfits("actor", self.weights, self.mean, self.scale, inputs=len(self.mean), stack=0)
        if not self.discrete and self.weights[-1][1].size % 2:
            raise ProbatumError(
                f"actor: its last layer has {self.weights[-1][1].size} outputs; a mean and a deviation for each number "
                "of an action make an even count"
            )

    @property
    def observation(self) -> int:
        """How many numbers an observation has."""
        return len(self.mean)

    @property
    def action(self) -> int:
        """How many numbers an action has, or how many choices there are."""
        outputs = self.weights[-1][1].size
        return outputs if self.discrete else outputs // 2

    def heads(self, observations: Float32Array) -> Float32Array:
        """Return the last layer's outputs (N, 2 k or n) for observations (N, observation)."""
        return _forward(self.weights, _normalised(observations, self.mean, self.scale))

    def greedy(self, observations: Float32Array) -> Float32Array:
        """Return the actions (N, action) held best: tanh of the mean, or one-hot of the largest logit."""
        heads = self.heads(observations)
        if self.discrete:
            return _one_hot(heads)
        return np.tanh(heads[:, : heads.shape[1] // 2])

    def sample(self, observations: Float32Array, generator: np.random.Generator) -> Float32Array:
        """Draw actions (N, action): tanh of a Gaussian with std = softplus(raw) + 0.001, or a choice by softmax."""
        heads = self.heads(observations)
        if self.discrete:  # the largest of logits with Gumbel noise is a draw from their softmax
            return _one_hot(heads + generator.gumbel(size=heads.shape).astype(np.float32))
        k = heads.shape[1] // 2
        std = np.logaddexp(ZERO, heads[:, k:])
        std += SMALLEST_STD
        std *= generator.standard_normal(std.shape, np.float32)
        std += heads[:, :k]
        return np.tanh(std, out=std)


@final
@dataclass(frozen=True, eq=False)
class Critic:
    """The networks, twins, that foresee success: observation and action to a logit.

    `weights`: a pair (W (twins, inputs, outputs), b (twins, outputs)) per layer, float32, ReLU between the layers, one
    output at the end; the input is the normalised observation with the action behind it. `mean`, `scale`:
    (observation,). Raises `ProbatumError` where sizes or types do not fit together.
    """

    weights: Layers
    mean: Float32Array
    scale: Float32Array

    def __post_init__(self) -> None:
        inputs = self.weights[0][0].shape[-2] if self.weights and self.weights[0][0].ndim > 1 else 0
        _refuse_misfits("critic", self.weights, self.mean, self.scale, inputs=inputs, stack=1)
        if self.action < 1 or self.weights[-1][1].shape[-1] != 1:
            raise ProbatumError(
                f"critic: {inputs} inputs and {self.weights[-1][1].shape[-1]} outputs; an observation of "
                f"{len(self.mean)} numbers, an action and 1 output would be right"
            )

    @property
    def action(self) -> int:
        """How many numbers an action has."""
        return int(self.weights[0][0].shape[1]) - len(self.mean)

    def logits(self, observations: Float32Array, actions: Float32Array) -> Float32Array:
        """Return the twins' logits (twins, N) for observations (N, observation) and actions (N, action)."""
        seen = _normalised(observations, self.mean, self.scale)
        return _forward(self.weights, np.concatenate([seen, actions], axis=1))[..., 0]

    def score(self, observations: Float32Array, actions: Float32Array) -> Float32Array:
        """Return the smaller of the twins' logits (N,): the cautious one."""
        smaller: Float32Array = self.logits(observations, actions).min(axis=0)
        return smaller


def _normalised(observations: Float32Array, mean: Float32Array, scale: Float32Array) -> Float32Array:
    seen: Float32Array = observations - mean
    seen /= scale
    np.minimum(seen, LIMIT, out=seen)  # np.clip takes several times as long on a single row
    return np.maximum(seen, -LIMIT, out=seen)


def _forward(weights: Layers, values: Float32Array) -> Float32Array:
    for weight, bias in weights[:-1]:
        values = values @ weight
        values += bias if bias.ndim == 1 else bias[:, None]
        np.maximum(values, ZERO, out=values)
    weight, bias = weights[-1]
    values = values @ weight
    values += bias if bias.ndim == 1 else bias[:, None]
    return values


def _one_hot(scores: Float32Array) -> Float32Array:
    chosen = np.zeros(scores.shape, np.float32)
    chosen[np.arange(len(scores)), scores.argmax(axis=1)] = 1
    return chosen


def _refuse_misfits(
    name: str, weights: Layers, mean: Float32Array, scale: Float32Array, *, inputs: int, stack: int
) -> None:
    """`stack`: how many axes stand before those of a single network."""
    if not weights:
        raise ProbatumError(f"{name}: it has no layers; at least one is needed")
    if mean.ndim != 1 or mean.shape != scale.shape or not bool((scale > 0).all()):
        raise ProbatumError(
            f"{name}: mean of shape {mean.shape} and scale of shape {scale.shape}; give one mean and one scale above 0 "
            "for each column of an observation"
        )
    for position, (weight, bias) in enumerate(weights):
        outputs = bias.shape[-1] if bias.ndim == 1 + stack else 0
        if weight.ndim != 2 + stack or weight.shape[:stack] != bias.shape[:stack] or not outputs:
            raise ProbatumError(f"{name}: layer {position} has a weight {weight.shape} with a bias {bias.shape}")
        if weight.shape[stack:] != (inputs, outputs):
            raise ProbatumError(
                f"{name}: layer {position} has a weight of shape {weight.shape}; {(inputs, outputs)} would fit "
                "the layer before it and its bias"
            )
        inputs = bias.shape[-1]
    _refuse_other_types(name, [mean, scale, *(array for pair in weights for array in pair)])


def _refuse_other_types(name: str, arrays: Sequence[Float32Array]) -> None:
    for array in arrays:
        if array.dtype != np.float32 or not np.isfinite(array).all():
            what = array.dtype if array.dtype != np.float32 else "NaN or infinite values"
            raise ProbatumError(f"{name}: an array of shape {array.shape} holds {what}; finite float32 would be right")
