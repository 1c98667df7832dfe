"""RCE as it is written in eager torch, twice: with care for speed, and plainly. Same losses, same arithmetic as ours.

With care: the twins in one batched product, as few passes as the losses allow, Adam and the target networks fused over
all tensors, the replay in tensors, the critics' own gradient left out where the actor climbs. Plainly: a module a
network, a pass for each set of states, Adam as it comes, as single-file implementations have it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from control_material import ACTION, EXAMPLES, Size
from torch import Tensor, nn
from torch.nn import functional

from probatum.control.learning.learner import Learner
from probatum.control.learning.mlp import MlpStack
from probatum.control.learning.replay import Replay

DISCOUNT, POLYAK, ENTROPY, RATE, STEPS = 0.99, 0.005, 1e-4, 3e-4, 10
LARGEST_LOGIT, LEAST_DEVIATION = 30.0, 1e-3
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


@final
@dataclass(frozen=True)
class Draw:
    """Standardized `states` (4 B, observation): now, next, later, examples; `noise` (4 B, action)."""

    states: Tensor
    actions: Tensor
    ahead: Tensor
    noise: Tensor


@final
class TorchReplay:
    """The first member's transitions of a replay that is not full, and draws from it."""

    def __init__(self, replay: Replay, learner: Learner) -> None:
        self.newest = int(replay.frames[0]) - 1
        self.transitions = int(replay.transitions[0])
        self.observations = torch.from_numpy(replay.observations[0])
        self.actions = torch.from_numpy(replay.actions[0])
        self.last_frame = torch.from_numpy(replay.last_frame[0])
        self.frame_of = torch.from_numpy(replay.frame_of[0])
        self.examples = torch.from_numpy(learner.examples[0])
        self.shift = torch.from_numpy(learner.moments.shift[0])
        self.scale = torch.from_numpy(learner.moments.scale[0])

    def draw(self, count: int) -> Draw:
        """Draw transitions with the states n steps on, and examples."""
        frames = self.frame_of[torch.randint(self.transitions, (count,))]
        later = torch.minimum(frames + STEPS, self.last_frame[frames]).clamp_(max=self.newest)
        shown = self.examples[torch.randint(EXAMPLES, (count,))]
        states = torch.cat([self.observations[torch.cat([frames, frames + 1, later])], shown])
        states.sub_(self.shift).div_(self.scale).clamp_(-10, 10)
        return Draw(states, self.actions[frames], later - frames, torch.randn(4 * count, ACTION))


@final
class CarefulTorchRce:
    """RCE with a batched product for the twins; starts from the networks of our learner."""

    def __init__(self, size: Size, learner: Learner, replay: TorchReplay) -> None:
        self.count, self.replay = size.batch, replay
        self.actor = _tensors(learner.actor, twins=False)
        self.critics = _tensors(learner.critics, twins=True)
        self.targets = [tensor.detach().clone() for tensor in self.critics]
        self._frozen = [tensor.detach() for tensor in self.critics]  # the same storage, no gradient
        self.actor_adam = torch.optim.Adam(self.actor, lr=RATE, fused=True)
        self.critic_adam = torch.optim.Adam(self.critics, lr=RATE, fused=True)

    def update(self, draw: Draw | None = None) -> Tensor:
        """Take one step; returns the critics' loss, mean of the twins."""
        count = self.count
        draw = draw or self.replay.draw(count)
        now, shown = draw.states[:count], draw.states[3 * count :]
        with torch.no_grad():
            others, _ = _drawn(_perceptron(self.actor, draw.states[count:]), draw.noise[count:])
            said = _perceptron(self.targets, torch.cat([draw.states[count:], others], dim=1)[: 2 * count])[..., 0]
            odds = DISCOUNT * _odds(said[:, :count], said[:, count:], draw.ahead)
        actions = torch.cat([draw.actions, others[2 * count :]])
        values = _perceptron(self.critics, torch.cat([torch.cat([now, shown]), actions], dim=1))[..., 0]
        losses = _critic_loss(values[:, :count], values[:, count:], odds)
        self.critic_adam.zero_grad()
        losses.sum().backward()
        self.critic_adam.step()

        chosen, log_probability = _drawn(_perceptron(self.actor, now), draw.noise[:count])
        least = _perceptron(self._frozen, torch.cat([now, chosen], dim=1))[..., 0].amin(dim=0)
        self.actor_adam.zero_grad()
        (ENTROPY * log_probability - torch.sigmoid(least)).mean().backward()
        self.actor_adam.step()
        torch._foreach_lerp_(self.targets, self._frozen, POLYAK)
        return losses.detach().mean()


@final
class PlainTorchRce:
    """RCE with a module a network, as one writes it first; starts from the networks of our learner."""

    def __init__(self, size: Size, learner: Learner, replay: TorchReplay) -> None:
        self.count, self.replay = size.batch, replay
        self.actor = _module(learner.actor, 0)
        self.critics = [_module(learner.critics, twin) for twin in (0, 1)]
        self.targets = [_module(learner.critics, twin) for twin in (0, 1)]
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), lr=RATE)
        self.critic_adam = torch.optim.Adam([p for critic in self.critics for p in critic.parameters()], lr=RATE)

    def update(self, draw: Draw | None = None) -> Tensor:
        """Take one step; returns the critics' loss, mean of the twins."""
        draw = draw or self.replay.draw(self.count)
        now, near, far, shown = draw.states.split(self.count)
        noise, noise_near, noise_far, noise_shown = draw.noise.split(self.count)
        with torch.no_grad():
            said_near = _both(self.targets, near, _drawn(self.actor(near), noise_near)[0])
            said_far = _both(self.targets, far, _drawn(self.actor(far), noise_far)[0])
            odds = DISCOUNT * _odds(said_near, said_far, draw.ahead)
            shown_actions, _ = _drawn(self.actor(shown), noise_shown)
        met = _both(self.critics, now, draw.actions)
        at_examples = _both(self.critics, shown, shown_actions)
        losses = _critic_loss(met, at_examples, odds)
        self.critic_adam.zero_grad()
        losses.sum().backward()
        self.critic_adam.step()

        chosen, log_probability = _drawn(self.actor(now), noise)
        least = _both(self.critics, now, chosen).amin(dim=0)
        self.actor_adam.zero_grad()
        (ENTROPY * log_probability - torch.sigmoid(least)).mean().backward()
        self.actor_adam.step()
        with torch.no_grad():
            for target, critic in zip(self.targets, self.critics, strict=True):
                for slow, fast in zip(target.parameters(), critic.parameters(), strict=True):
                    slow.mul_(1 - POLYAK).add_(fast, alpha=POLYAK)
        return losses.detach().mean()


def _drawn(outputs: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Return actions and their log-probabilities, tanh of a Gaussian."""
    mean, raw = outputs.chunk(2, dim=-1)
    deviation = functional.softplus(raw) + LEAST_DEVIATION
    before = mean + deviation * noise
    shrunk = 2 * (math.log(2) - before - functional.softplus(-2 * before))
    log_probability = -0.5 * noise * noise - deviation.log() - HALF_LOG_TAU - shrunk
    return before.tanh(), log_probability.sum(dim=-1)


def _odds(near: Tensor, far: Tensor, ahead: Tensor) -> Tensor:
    """Return the odds that the targets, logits (2, B) one and n steps on, lead to expect: the smaller of the twins'."""
    near, far = near.clamp(-LARGEST_LOGIT, LARGEST_LOGIT), far.clamp(-LARGEST_LOGIT, LARGEST_LOGIT)
    fade = torch.pow(DISCOUNT, (ahead - 1).float())
    success = torch.sigmoid(near) + fade * torch.sigmoid(far)
    failure = torch.sigmoid(-near) + (1 - fade) + fade * torch.sigmoid(-far)
    return (success / failure).amin(dim=0)


def _critic_loss(met: Tensor, shown: Tensor, odds: Tensor) -> Tensor:
    """Return the loss of each twin (2,)."""
    loss = ((1 + odds) * functional.softplus(met) - odds * met).mean(dim=-1)
    return loss + (1 - DISCOUNT) * functional.softplus(-shown).mean(dim=-1)


def _perceptron(tensors: Sequence[Tensor], rows: Tensor) -> Tensor:
    """Pass rows (N, in) through weights and biases, of one network or of twins (2, in, out)."""
    value = rows
    for place in range(0, len(tensors), 2):
        weight, bias = tensors[place], tensors[place + 1]
        if weight.ndim == 2:
            value = torch.addmm(bias, value, weight)
        else:
            value = torch.baddbmm(bias, value if value.ndim == 3 else value.expand(2, *value.shape), weight)
        if place + 2 < len(tensors):
            value = value.relu_() if value.requires_grad is False else value.relu()
    return value


def _tensors(stack: MlpStack, *, twins: bool) -> list[Tensor]:
    """Return weights and biases in turn, as leaves."""
    found = []
    for weight, bias in zip(stack.weights, stack.biases, strict=True):
        found += [torch.tensor(weight[0] if twins else weight[0, 0]), torch.tensor(bias[0] if twins else bias[0, 0])]
    return [tensor.requires_grad_() for tensor in found]


def _module(stack: MlpStack, twin: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    for weight, bias in zip(stack.weights, stack.biases, strict=True):
        linear = nn.Linear(*weight.shape[-2:])
        linear.weight.data = torch.tensor(weight[0, twin].T).contiguous()
        linear.bias.data = torch.tensor(bias[0, twin, 0])
        parts += [linear, nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def _both(critics: Sequence[nn.Sequential], states: Tensor, actions: Tensor) -> Tensor:
    rows = torch.cat([states, actions], dim=1)
    return torch.stack([critic(rows)[:, 0] for critic in critics])
