"""One of n actions, by a softmax over the actor's outputs; the actor's slope sums over all actions, with no draw.

Christodoulou 2019, "Soft Actor-Critic for Discrete Action Settings", section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from probatum.control.learning.head import Drawn, Head, Sloping, Valuing
from probatum.control.learning.mlp import Floats


@final
class SoftmaxHead(Head):
    """The outputs are the logits of `choices` actions; an action is a one-hot vector."""

    def __init__(self, choices: int) -> None:
        self.outputs = choices
        self.target_entropy = 0.5 * float(np.log(choices))
        self._every = np.eye(choices, dtype=np.float32)

    def draw(self, outputs: Floats, generators: Sequence[np.random.Generator]) -> Drawn:
        """Draw by the largest of logit plus Gumbel noise."""
        noise = np.empty(outputs.shape, np.float32)
        for member, generator in enumerate(generators):
            noise[member] = generator.gumbel(size=outputs.shape[1:])
        chosen = np.argmax(outputs + noise, axis=-1)
        logs = _log_softmax(outputs)
        return Drawn(self._every[chosen], np.take_along_axis(logs, chosen[..., None], axis=-1)[..., 0], noise)

    def uphill(
        self, outputs: Floats, drawn: Drawn, *, entropy: Floats, value: Valuing, slope: Sloping
    ) -> tuple[Floats, Floats]:
        """See `Head.uphill`; every action of every row is valued."""
        del drawn, slope  # the expectation over actions is exact
        members, rows, choices = outputs.shape
        every = np.broadcast_to(self._every, (members, rows, choices, choices))
        values = value(every.reshape(members, rows * choices, choices)).reshape(outputs.shape)
        logs = _log_softmax(outputs)
        chances = np.exp(logs)
        cost = entropy[..., None] * logs - values
        by_logit = chances * (cost - (chances * cost).sum(axis=-1, keepdims=True))
        return by_logit / np.float32(rows), -(chances * logs).sum(axis=-1).mean(axis=1)


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs
