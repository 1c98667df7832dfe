"""Losses by which a network learns to tell success examples from met states, with their slopes.

Each takes logits of examples (S, E) and of met states (S, B) and returns the loss (S,) and the slopes by both. The
plain logistic loss takes all met states for failures; the other knows that some may be successes (Kiryo et al. 2017).
"""

from __future__ import annotations

import numpy as np

from probatum.control.learning.mlp import Floats
from probatum.control.learning.objective import sigmoid


def logistic_risk(shown: Floats, met: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean of -log D over examples plus the mean of -log(1 - D) over met states."""
    loss = _softplus(-shown).mean(axis=1) + _softplus(met).mean(axis=1)
    return loss, -sigmoid(-shown) / np.float32(shown.shape[1]), sigmoid(met) / np.float32(met.shape[1])


def unlabelled_risk(shown: Floats, met: Floats, *, prior: float, non_negative: bool) -> tuple[Floats, Floats, Floats]:
    """Return the positive-unlabelled risk with the part `prior` of successes among the met states.

    prior x E_shown[-log D] + (E_met[-log(1 - D)] - prior x E_shown[-log(1 - D)]); with `non_negative` the bracket,
    which no true risk makes negative, is not let fall below 0: where it does, its gradient is turned around
    (Kiryo et al. 2017).
    """
    part = np.float32(prior)
    bracket = _softplus(met).mean(axis=1) - part * _softplus(shown).mean(axis=1)
    turn = np.where(bracket < 0, np.float32(-1), np.float32(1))[:, None] if non_negative else np.float32(1)
    loss = part * _softplus(-shown).mean(axis=1) + (np.maximum(bracket, 0) if non_negative else bracket)
    inside = turn * part * sigmoid(shown)
    positive = -part * sigmoid(-shown)
    if non_negative:  # where the bracket is negative only it is learned from
        positive = np.where(bracket[:, None] < 0, np.float32(0), positive)
    by_shown = ((positive - inside) / np.float32(shown.shape[1])).astype(np.float32)
    by_met: Floats = turn * sigmoid(met) / np.float32(met.shape[1])
    return loss, by_shown, by_met


def _softplus(value: Floats) -> Floats:
    return np.logaddexp(np.float32(0), value)
