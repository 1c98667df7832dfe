"""Policies written by hand for the room with a point and a disc around (0.6, 0.6): no training, known outcomes."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from probatum.control.environments.spaces import Spaces
from probatum.control.learning.actor import Actor, Critic

GOAL = np.array([0.6, 0.6])


def room_spaces(*, discrete=False):
    return Spaces(
        observation=2,
        action=5 if discrete else 2,
        discrete=discrete,
        observation_low=np.full(2, -1.0),
        observation_high=np.full(2, 1.0),
        action_low=np.zeros(5) if discrete else np.full(2, -1.0),
        action_high=np.ones(5) if discrete else np.full(2, 1.0),
        names=("column 0", "column 1"),
        action_shape=() if discrete else (2,),
    )


@dataclass(frozen=True)
class Walking:
    spaces: Spaces
    actor: Actor
    critic: Critic | None
    method: str = "by_hand"


def float32(*arrays):
    return tuple(np.array(array, np.float32) for array in arrays)


def plain(size=2):
    return np.zeros(size, np.float32), np.ones(size, np.float32)


def to_the_disc():
    """Goes straight to the disc from everywhere."""
    weights = (float32(np.hstack([-10 * np.eye(2), np.zeros((2, 2))]), [*(10 * GOAL), -2, -2]),)
    return Walking(room_spaces(), Actor(weights, *plain(), False), nearer_the_better())


def to_the_disc_by_choices():
    """Goes right, up, left or down, wherever the disc is farthest."""
    towards = np.array([[0, -1, 0, 1, 0], [0, 0, -1, 0, 1]], np.float64)
    weights = (float32(towards, [0.05, *GOAL, *(-GOAL)]),)
    return Walking(room_spaces(discrete=True), Actor(weights, *plain(), True), nearer_the_better(actions=5))


def to_the_right():
    """Keeps its height, so it passes through the disc, and not for long, where it started at the disc's height."""
    weights = (float32(np.zeros((2, 4)), [3, 0, -2, -2]),)
    return Walking(room_spaces(), Actor(weights, *plain(), False), of_that_height())


def nearer_the_better(actions=2):
    """Logits 3 - 5 (|x - 0.6| + |y - 0.6|), and twins of which the other one is higher by 1."""
    first = np.zeros((2 + actions, 4))
    first[:2] = np.hstack([np.eye(2), -np.eye(2)])
    return _critic(first, [*(-GOAL), *GOAL], -5.0)


def of_that_height():
    """Logits 3 - 10 |y - 0.6|."""
    first = np.zeros((4, 4))
    first[1] = [1, -1, 0, 0]
    return _critic(first, [-0.6, 0.6, 0, 0], -10.0)


def _critic(first, bias, slope):
    hidden = float32(np.stack([first, first]), np.stack([bias, bias]))
    last = float32(np.full((2, 4, 1), slope), [[3], [4]])
    return Critic((hidden, last), *plain())


def random_layers(generator, sizes, *stack):
    return tuple(
        float32(generator.normal(size=(*stack, i, o)) / np.sqrt(i), generator.normal(size=(*stack, o)))
        for i, o in pairwise(sizes)
    )


def random_policy(*, seed=0, observation=7, action=3, hidden=16, discrete=False, bounds=(-2.0, 5.0), shape=None):
    """Random weights and normalisation for an environment of any size."""
    generator = np.random.default_rng(seed)
    mean, scale = float32(generator.normal(size=observation), generator.uniform(0.5, 2, observation))
    actor = Actor(
        random_layers(generator, [observation, hidden, hidden, action if discrete else 2 * action]),
        mean,
        scale,
        discrete,
    )
    critic = Critic(random_layers(generator, [observation + action, hidden, hidden, 1], 2), mean, scale)
    spaces = Spaces(
        observation=observation,
        action=action,
        discrete=discrete,
        observation_low=np.full(observation, -np.inf),
        observation_high=np.full(observation, np.inf),
        action_low=np.zeros(action) if discrete else np.full(action, bounds[0]),
        action_high=np.ones(action) if discrete else np.full(action, bounds[1]),
        names=tuple(f"column {column}" for column in range(observation)),
        action_shape=() if discrete else shape or (action,),
        first_choice=2 if discrete else 0,
    )
    return Walking(spaces, actor, critic)
