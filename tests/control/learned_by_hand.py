"""Learned policies with a history written by hand: no training, known scores."""

import numpy as np

from probatum.control.environments.point_room import PointRoom
from probatum.control.environments.spaces import read_spaces
from probatum.control.learned_policy import LearnedPolicy
from probatum.control.learning.actor import Actor

SPACES = read_spaces(PointRoom())


def history(ever=(0.0, 0.5, 1.0), **columns):
    """A run that goes well unless a column says otherwise; numbers stand for a column of them."""
    count = len(ever)
    usual = {
        "steps": 1_000.0 * np.arange(1, count + 1),
        "updates": 1_000.0 * np.arange(1, count + 1) - 500,
        "success_ever": np.array(ever, float),
        "success_end": np.array(ever, float),
        "return": 10 * np.array(ever, float),
        "odds_examples": 30.0,
        "odds_heldout": 28.0,
        "mean_w": 0.8,
        "max_w": 12.0,
        "saturated": 0.0,
        "residual": 0.01,
        "twin_disagreement": 0.05,
        "entropy": -1.0,
        "critic_loss": 1.0,
        "seconds": 1.0,
    }
    return {
        name: np.full(count, value, float) if np.ndim(value) == 0 else np.array(value, float)
        for name, value in (usual | columns).items()
    }


def policy(seed=0, ever=(0.0, 0.5, 1.0), *, method="rce", environment=None, warnings=(), episodes=10, **columns):
    """A policy that does nothing, with such a history."""
    nothing = ((np.zeros((2, 4), np.float32), np.zeros(4, np.float32)),)
    return LearnedPolicy(
        method=method,
        seed=seed,
        spaces=SPACES,
        actor=Actor(nothing, np.zeros(2, np.float32), np.ones(2, np.float32), discrete=False),
        critic=None,
        history=history(ever, **columns),
        settings={"evaluation_episodes": episodes},
        environment=environment or {"id": "probatum/PointRoom-v0", "name": None, "options": {}},
        warnings=warnings,
    )
