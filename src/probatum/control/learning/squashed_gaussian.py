"""Actions in [-1, 1] as the tanh of a Gaussian with diagonal covariance (Haarnoja et al. 2018, appendix C)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from probatum.control.learning.head import Drawn, Head, Sloping, Valuing
from probatum.control.learning.mlp import Floats

LEAST_DEVIATION = 1e-3
HALF_LOG_TAU = 0.5 * float(np.log(2 * np.pi))


@final
class SquashedGaussian(Head):
    """The outputs are the means and, through softplus, the standard deviations of `actions` Gaussians."""

    def __init__(self, actions: int) -> None:
        self.actions = actions
        self.outputs = 2 * actions
        self.target_entropy = -float(actions)

    def draw(self, outputs: Floats, generators: Sequence[np.random.Generator]) -> Drawn:
        """Draw by the mean plus noise times the deviation, so that the draw has a slope."""
        mean, raw = outputs[..., : self.actions], outputs[..., self.actions :]
        noise = np.empty(mean.shape, np.float32)
        for member, generator in enumerate(generators):
            generator.standard_normal(out=noise[member], dtype=np.float32)
        deviation = _softplus(raw) + np.float32(LEAST_DEVIATION)
        before = mean + deviation * noise
        # log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2u)) stays exact where tanh(u) rounds to one
        shrunk = 2 * (np.float32(np.log(2)) - before - _softplus(-2 * before))
        log_probability = -0.5 * noise * noise - np.log(deviation) - np.float32(HALF_LOG_TAU) - shrunk
        return Drawn(np.tanh(before), log_probability.sum(axis=-1), noise)

    def uphill(
        self, outputs: Floats, drawn: Drawn, *, entropy: Floats, value: Valuing, slope: Sloping
    ) -> tuple[Floats, Floats]:
        """See `Head.uphill`; the slope goes through the critics to the drawn actions, and from there to the outputs."""
        raw = outputs[..., self.actions :]
        value(drawn.actions)
        deviation = _softplus(raw) + np.float32(LEAST_DEVIATION)
        weight = entropy[..., None]
        by_before = 2 * weight * drawn.actions - slope() * (1 - drawn.actions * drawn.actions)
        by_raw = (by_before * drawn.noise - weight / deviation) * _sigmoid(raw)
        uphill: Floats = np.concatenate([by_before, by_raw], axis=-1)
        uphill /= np.float32(outputs.shape[1])
        return uphill, -drawn.log_probability.mean(axis=1)


def _softplus(value: Floats) -> Floats:
    return np.logaddexp(value, np.float32(0))


def _sigmoid(value: Floats) -> Floats:
    chance: Floats = 0.5 * (1 + np.tanh(0.5 * value))
    return chance
