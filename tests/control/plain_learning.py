"""An update of each method once more, as plainly as torch allows: single networks, autograd, torch.optim.Adam, float64.

Only the draws are shared with the learner under test. Formulas are those of the papers, on probabilities.
"""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, softplus

from probatum.control.environments.spaces import Spaces
from probatum.control.learning.learner import Learner
from probatum.control.learning.replay import Replay
from probatum.control.settings import Training

OBSERVATION, ACTION, CHOICES = 3, 2, 4


def small_spaces(*, discrete=False):
    action = CHOICES if discrete else ACTION
    return Spaces(
        observation=OBSERVATION,
        action=action,
        discrete=discrete,
        observation_low=np.full(OBSERVATION, -np.inf),
        observation_high=np.full(OBSERVATION, np.inf),
        action_low=np.zeros(action) if discrete else np.full(action, -1.0),
        action_high=np.ones(action) if discrete else np.full(action, 1.0),
        names=tuple(f"column {column}" for column in range(OBSERVATION)),
        action_shape=() if discrete else (ACTION,),
    )


def walked_replay(seeds, *, discrete=False, steps=60):
    """Random walks in episodes of 9 steps, every second of which ends by terminating; a ring a seed, by that seed."""
    action = CHOICES if discrete else ACTION
    replay = Replay(members=len(seeds), lanes=1, observation=OBSERVATION, action=action, capacity=1000)
    for ring, seed in enumerate(seeds):
        generator = np.random.default_rng(seed)
        replay.stand(ring, place := generator.normal(size=OBSERVATION).astype(np.float32))
        for step in range(1, steps + 1):
            place = place + generator.normal(size=OBSERVATION).astype(np.float32)
            taken = np.eye(CHOICES)[generator.integers(CHOICES)] if discrete else generator.uniform(-1, 1, ACTION)
            replay.add(
                ring,
                action=taken.astype(np.float32),
                reward=float(generator.normal()),
                arrived=place,
                terminated=step % 18 == 0,
                ended=step % 9 == 0,
            )
            if step % 9 == 0:
                replay.stand(ring, place := generator.normal(size=OBSERVATION).astype(np.float32))
    return replay


def examples_of(seed):
    return (2 + np.random.default_rng([seed, 5]).normal(size=(11, OBSERVATION))).astype(np.float32)


def make_learner(objective, *, seeds=(3,), discrete=False, replay=None, **options):
    chosen = {"steps": 100, "hidden": (12, 10), "batch": 16, "example_batch": 12, "learning_rate": 1e-3, "polyak": 0.1}
    learner = Learner(
        spaces=small_spaces(discrete=discrete),
        training=Training(**{**chosen, "entropy": objective.entropy, **options}),
        objective=objective,
        examples=[examples_of(seed) for seed in seeds],
        seeds=seeds,
    )
    if replay is not None:
        for member in range(len(seeds)):
            learner.moments.add(member, replay.since(member, 0))
    return learner


def tensor(array):
    return torch.tensor(np.asarray(array), dtype=torch.float64)


def perceptron(stack, twin=0):
    """One network of a stack's first member as a torch module."""
    layers = []
    for weight, bias in zip(stack.weights, stack.biases, strict=True):
        linear = nn.Linear(*weight.shape[2:], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(tensor(weight[0, twin].T))
            linear.bias.copy_(tensor(bias[0, twin, 0]))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def flattened(network):
    """Its parameters in the order of a stack's `flat`."""
    linears = [layer for layer in network if isinstance(layer, nn.Linear)]
    parts = [part for layer in linears for part in (layer.weight.T.reshape(-1), layer.bias)]
    return torch.cat(parts).detach().numpy()


class PlainLearner:
    """Begins as `learner` (of one member) stands, and learns from what its generators would draw."""

    def __init__(self, learner):
        self.learner, self.training, self.objective = learner, learner.training, learner.objective
        self.generators = copy.deepcopy(learner.generators)
        self.actor = perceptron(learner.actor)
        self.critics = [perceptron(learner.critics, twin) for twin in (0, 1)]
        self.targets = [perceptron(learner.targets, twin) for twin in (0, 1)]
        self.log_entropy = tensor(learner.log_entropy[0, 0]).requires_grad_()
        rate = self.training.learning_rate
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), lr=rate)
        self.critic_adam = torch.optim.Adam([p for critic in self.critics for p in critic.parameters()], lr=rate)
        self.entropy_adam = torch.optim.Adam([self.log_entropy], lr=rate)
        self.reward = None
        if learner.reward_model is not None:
            self.reward = perceptron(learner.reward_model.stack)
            how = learner.reward_model.how
            self.reward_adam = torch.optim.Adam(self.reward.parameters(), lr=how.learning_rate)

    # What is drawn.

    def draw(self, replay):
        objective, (generator,) = self.objective, self.generators
        batch = replay.draw(
            self.training.batch, self.generators, n_step=objective.n_step, cross_episodes=objective.cross_episodes
        )
        examples = self.learner.examples[0]
        shown = examples[generator.integers(len(examples), size=self.training.examples_a_batch)]
        states = {"now": batch.now[0], "next": batch.next[0], "later": batch.later[0], "shown": shown}
        if objective.n_step == 1:
            del states["later"]
        return batch, {name: self.standardized(rows) for name, rows in states.items()}

    def standardized(self, rows):
        if not self.training.normalize:
            return tensor(rows)
        seen = self.learner.moments
        deviation = np.sqrt(seen.spread[0] / seen.count[0])
        return torch.clamp((tensor(rows) - tensor(seen.mean[0])) / tensor(deviation), -10, 10)

    def acted(self, states):
        """Actions with log-probabilities for each kind of states, by noise in the order in which states stand."""
        kinds = [kind for kind in states if kind != "shown" or self.objective.with_examples]
        sizes = [len(states[kind]) for kind in kinds]
        (generator,) = self.generators
        if self.learner.spaces.discrete:
            noise = tensor(generator.gumbel(size=(sum(sizes), CHOICES)).astype(np.float32))
        else:
            noise = tensor(generator.standard_normal((sum(sizes), ACTION), np.float32))
        pieces = zip(kinds, noise.split(sizes), strict=True)
        return {kind: self.act(states[kind], piece) for kind, piece in pieces}

    def act(self, rows, noise):
        outputs = self.actor(rows)
        if self.learner.spaces.discrete:
            chances = torch.softmax(outputs, dim=1)
            chosen = (outputs + noise).argmax(dim=1)
            return nn.functional.one_hot(chosen, CHOICES).double(), torch.log(chances)[range(len(rows)), chosen]
        mean, deviation = outputs[:, :ACTION], softplus(outputs[:, ACTION:]) + 1e-3
        before = mean + deviation * noise
        said = torch.distributions.Normal(mean, deviation).log_prob(before) - torch.log(1 - torch.tanh(before) ** 2)
        return torch.tanh(before), said.sum(dim=1)

    # One update.

    def update(self, replay):
        batch, states = self.draw(replay)
        if self.reward is not None and self.learner.reward_model.how.frozen_after is None:
            self.learn_reward(states)
        acted = self.acted(states)
        with torch.no_grad():
            wanted = {kind: self.said(self.targets, states[kind], acted[kind][0]) for kind in acted}
            costs = {kind: self.log_entropy.exp() * acted[kind][1] for kind in acted}
        beside = acted.get("shown", (None,))[0]
        if self.objective.example_actions == "greedy":
            beside = torch.tanh(self.actor(states["shown"])[:, :ACTION])
        if self.objective.example_actions == "uniform":
            beside = tensor(self.generators[0].uniform(-1, 1, beside.shape).astype(np.float32))
        loss = self.critic_loss(batch, states, wanted, costs, None if beside is None else beside.detach())
        self.descend(self.critic_adam, loss)
        self.climb(states["now"], *acted["now"])
        for critic, target in zip(self.critics, self.targets, strict=True):
            for source, slow in zip(critic.parameters(), target.parameters(), strict=True):
                slow.data += self.training.polyak * (source.data - slow.data)

    def descend(self, adam, loss):
        adam.zero_grad()
        loss.backward()
        adam.step()

    def said(self, critics, states, actions):
        return torch.stack([critic(torch.cat([states, actions], dim=1))[:, 0] for critic in critics])

    def climb(self, states, actions, log_probability):
        entropy = self.log_entropy.exp().detach()
        if self.learner.spaces.discrete:
            chances = torch.softmax(self.actor(states), dim=1)
            every = [
                torch.eye(CHOICES, dtype=torch.float64)[[choice]].expand(len(states), -1) for choice in range(CHOICES)
            ]
            values = torch.stack([self.climbed(self.said(self.critics, states, one)) for one in every], dim=1)
            log_probability = torch.log(chances)
            cost = (chances * (entropy * log_probability - values)).sum(dim=1).mean()
            found = -(chances * log_probability).sum(dim=1).mean()
        else:
            cost = (entropy * log_probability - self.climbed(self.said(self.critics, states, actions))).mean()
            found = -log_probability.mean()
        self.descend(self.actor_adam, cost)
        if self.training.entropy == "auto":
            wished = 0.5 * np.log(CHOICES) if self.learner.spaces.discrete else -ACTION
            self.descend(self.entropy_adam, self.log_entropy * (found.detach() - wished))

    def climbed(self, values):
        least = values.min(dim=0).values
        return torch.sigmoid(least) if self.objective.logits else least

    # What the critics are fitted to.

    def critic_loss(self, batch, states, wanted, costs, beside):
        terminal = tensor(batch.terminal[0]) * self.training.use_terminals
        terminal_later = tensor(batch.terminal_later[0]) * self.training.use_terminals
        met = self.said(self.critics, states["now"], tensor(batch.actions[0]))
        shown = None if beside is None else self.said(self.critics, states["shown"], beside)
        discount, name = self.training.discount, self.objective.name
        if name == "rce":
            near = torch.sigmoid(wanted["next"]) * (1 - terminal)
            far = torch.sigmoid(wanted.get("later", wanted["next"])) * (1 - terminal_later)
            exponent = self.objective.n_step + 1 if self.objective.reference else tensor(batch.ahead[0]) - 1
            odds = [mean / (1 - mean) for mean in 0.5 * (near + discount**exponent * far)]
            w = torch.minimum(*odds)
            label, weight = discount * w / (1 + discount * w), 1 + discount * w
            return sum(
                (weight * binary_cross_entropy(torch.sigmoid(one), label, reduction="none")).mean()
                - (1 - discount) * torch.log(torch.sigmoid(other)).mean()
                for one, other in zip(met, shown, strict=True)
            )
        least = wanted["next"].min(dim=0).values
        if name == "sqil":
            label = discount * torch.sigmoid(least) * (1 - terminal)
            labels = torch.cat([label, torch.ones(shown.shape[1])])
            return sum(
                binary_cross_entropy(torch.sigmoid(torch.cat(both)), labels) for both in zip(met, shown, strict=True)
            )
        label = discount * (least - costs["next"]) * (1 - terminal)
        if name == "sqil_squared":
            value = wanted["shown"].min(dim=0).values - costs["shown"]
            labels = torch.cat([label, 1 + discount * value])
            return sum(((torch.cat(both) - labels) ** 2).mean() for both in zip(met, shown, strict=True))
        rewards = tensor(batch.rewards[0]) if self.reward is None else self.rewards(states["now"]).detach()
        return sum(((one - label - rewards) ** 2).mean() for one in met)

    # Rewards that are learned.

    def learn_reward(self, states):
        met, shown, penalty = states["now"], states["shown"], self.learner.reward_model.how.gradient_penalty
        chance = torch.sigmoid(self.reward(shown)), torch.sigmoid(self.reward(met))
        loss = -torch.log(chance[0]).mean() - torch.log(1 - chance[1]).mean()
        if penalty:
            count = min(len(met), len(shown))
            part = tensor(self.generators[0].random((count, 1), dtype=np.float32))
            between = (met[:count] + part * (shown[:count] - met[:count])).requires_grad_()
            (slope,) = torch.autograd.grad(self.reward(between).sum(), between, create_graph=True)
            loss = loss + penalty * ((slope.norm(dim=1) - 1) ** 2).mean()
        self.descend(self.reward_adam, loss)

    def rewards(self, states):
        logits = self.reward(states)[:, 0]
        return softplus(logits) if self.objective.name == "dac" else torch.clamp(logits, -10, 10)
