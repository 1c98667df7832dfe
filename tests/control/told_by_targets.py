"""What target critics say, made by hand, for tests of objectives."""

import numpy as np

from probatum.control.learning.objective import Bootstrap


def told(next_outputs, later=None, **given):
    """A `Bootstrap` of `next_outputs` (S, T, B); whatever is not given is absent, or nought."""
    near = np.asarray(next_outputs, np.float32)
    members, _, count = near.shape
    nothing = np.zeros((members, count), np.float32)
    never = np.zeros((members, count), np.bool_)
    fields = {
        "next": near,
        "later": near if later is None else np.asarray(later, np.float32),
        "examples": near[..., :0],
        "entropy_cost": nothing,
        "entropy_cost_examples": nothing[:, :0],
        "ahead": np.ones((members, count), np.int64),
        "terminal": never,
        "terminal_later": never,
        "rewards": nothing,
        "discount": 0.99,
    }
    return Bootstrap(**{**fields, **given})


def logit(chance):
    return np.log(chance) - np.log1p(-np.asarray(chance, np.float64))
