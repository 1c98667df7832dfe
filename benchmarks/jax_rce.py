"""RCE as one compiled program in JAX: 16 updates a call, drawing included. Same losses, same arithmetic as ours."""

from __future__ import annotations

import math
import os
from typing import Any, final

import numpy as np
from control_material import ACTION, EXAMPLES, Size

from probatum.control.learning.learner import Learner
from probatum.control.learning.mlp import MlpStack
from probatum.control.learning.replay import Replay

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")  # one thread, like the others

import jax
from jax import nn
from jax import numpy as jnp

DISCOUNT, POLYAK, ENTROPY, RATE, STEPS = 0.99, 0.005, 1e-4, 3e-4, 10
FIRST, SECOND, TINY = 0.9, 0.999, 1e-8
LARGEST_LOGIT, LEAST_DEVIATION = 30.0, 1e-3
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)
A_CALL = 16


@final
class JaxRce:
    """RCE by jit and scan; starts from the networks of our learner."""

    def __init__(self, size: Size, learner: Learner, replay: Replay) -> None:
        actor, critics, targets = _tree(learner.actor), _tree(learner.critics), _tree(learner.targets)
        zeros = [jax.tree.map(jnp.zeros_like, tree) for tree in (actor, actor, critics, critics)]
        self._state = (actor, critics, targets, *zeros, jnp.zeros((), jnp.int32), jax.random.key(0))
        held = {
            "observations": replay.observations[0],
            "actions": replay.actions[0],
            "last_frame": replay.last_frame[0].clip(max=int(replay.frames[0]) - 1).astype(np.int32),
            "frame_of": replay.frame_of[0, : int(replay.transitions[0])].astype(np.int32),
            "examples": learner.examples[0],
            "shift": learner.moments.shift[0],
            "scale": learner.moments.scale[0],
        }
        self._held = {name: jnp.asarray(array) for name, array in held.items()}

        def several(state: Any, held: Any) -> Any:
            return jax.lax.scan(lambda state, _: (_update(state, held, size.batch), None), state, length=A_CALL)[0]

        self._several = jax.jit(several, donate_argnums=0)

    def updates(self, many: int) -> None:
        """Take `many` updates, rounded up to whole calls."""
        for _ in range(-(-many // A_CALL)):
            self._state = self._several(self._state, self._held)
        jax.block_until_ready(self._state)


def _update(state: Any, held: Any, count: int) -> Any:
    actor, critics, targets, actor_mean, actor_square, critic_mean, critic_square, steps, key = state
    key, of_frames, of_examples, of_noise = jax.random.split(key, 4)
    frames = held["frame_of"][jax.random.randint(of_frames, (count,), 0, len(held["frame_of"]))]
    later = jnp.minimum(frames + STEPS, held["last_frame"][frames])
    shown = held["examples"][jax.random.randint(of_examples, (count,), 0, EXAMPLES)]
    states = jnp.concatenate([held["observations"][jnp.concatenate([frames, frames + 1, later])], shown])
    states = jnp.clip((states - held["shift"]) / held["scale"], -10, 10)
    noise = jax.random.normal(of_noise, (4 * count, ACTION))
    now, shown = states[:count], states[3 * count :]

    others, _ = _drawn(_perceptron(actor, states[count:])[0], noise[count:])
    said = _perceptron(targets, jnp.concatenate([states[count:], others], axis=1)[: 2 * count])[..., 0]
    odds = DISCOUNT * _odds(said[:, :count], said[:, count:], later - frames)
    actions = jnp.concatenate([held["actions"][frames], others[2 * count :]])
    rows = jnp.concatenate([jnp.concatenate([now, shown]), actions], axis=1)

    def critic_loss(critics: Any) -> Any:
        values = _perceptron(critics, rows)[..., 0]
        met, at_examples = values[:, :count], values[:, count:]
        loss = ((1 + odds) * nn.softplus(met) - odds * met).mean(axis=1)
        return (loss + (1 - DISCOUNT) * nn.softplus(-at_examples).mean(axis=1)).sum()

    steps = steps + 1
    slopes = jax.grad(critic_loss)(critics)
    critics, critic_mean, critic_square = _adam(critics, slopes, critic_mean, critic_square, steps)

    def actor_loss(actor: Any) -> Any:
        chosen, log_probability = _drawn(_perceptron(actor, now)[0], noise[:count])
        least = _perceptron(critics, jnp.concatenate([now, chosen], axis=1))[..., 0].min(axis=0)
        return (ENTROPY * log_probability - nn.sigmoid(least)).mean()

    slopes = jax.grad(actor_loss)(actor)
    actor, actor_mean, actor_square = _adam(actor, slopes, actor_mean, actor_square, steps)
    targets = jax.tree.map(lambda slow, fast: slow + POLYAK * (fast - slow), targets, critics)
    return actor, critics, targets, actor_mean, actor_square, critic_mean, critic_square, steps, key


def _adam(tree: Any, slopes: Any, mean: Any, square: Any, steps: Any) -> Any:
    mean = jax.tree.map(lambda old, slope: FIRST * old + (1 - FIRST) * slope, mean, slopes)
    square = jax.tree.map(lambda old, slope: SECOND * old + (1 - SECOND) * slope * slope, square, slopes)
    warm = jnp.sqrt(1 - SECOND**steps)
    rate = RATE * warm / (1 - FIRST**steps)
    moved = jax.tree.map(lambda old, m, s: old - rate * m / (jnp.sqrt(s) + TINY * warm), tree, mean, square)
    return moved, mean, square


def _drawn(outputs: Any, noise: Any) -> Any:
    mean, raw = jnp.split(outputs, 2, axis=-1)
    deviation = nn.softplus(raw) + LEAST_DEVIATION
    before = mean + deviation * noise
    shrunk = 2 * (math.log(2) - before - nn.softplus(-2 * before))
    log_probability = -0.5 * noise * noise - jnp.log(deviation) - HALF_LOG_TAU - shrunk
    return jnp.tanh(before), log_probability.sum(axis=-1)


def _odds(near: Any, far: Any, ahead: Any) -> Any:
    near, far = jnp.clip(near, -LARGEST_LOGIT, LARGEST_LOGIT), jnp.clip(far, -LARGEST_LOGIT, LARGEST_LOGIT)
    fade = DISCOUNT ** (ahead - 1).astype(jnp.float32)
    success = nn.sigmoid(near) + fade * nn.sigmoid(far)
    failure = nn.sigmoid(-near) + (1 - fade) + fade * nn.sigmoid(-far)
    return (success / failure).min(axis=0)


def _perceptron(layers: Any, rows: Any) -> Any:
    """Return the outputs (T, N, out) of T networks."""
    value = jnp.broadcast_to(rows, (layers[0][0].shape[0], *rows.shape))
    for place, (weight, bias) in enumerate(layers):
        value = jnp.einsum("tni,tio->tno", value, weight) + bias
        if place + 1 < len(layers):
            value = nn.relu(value)
    return value


def _tree(stack: MlpStack) -> Any:
    pairs = zip(stack.weights, stack.biases, strict=True)
    return tuple((jnp.array(weight[0]), jnp.array(bias[0])) for weight, bias in pairs)
