"""One update of actor, critics and targets, alike for all methods: the objective says what differs.

Haarnoja et al. 2018 (soft actor-critic) with the data-driven objectives of Eysenbach et al. 2021. In an update every
state passes the actor once: the transition's own state, the states that values are taken from, and the examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from probatum.control.environments.spaces import Spaces
from probatum.control.learning.adam import Adam
from probatum.control.learning.head import Drawn, Head
from probatum.control.learning.layer_kernels import follow
from probatum.control.learning.mlp import Floats, MlpStack
from probatum.control.learning.moments import Moments
from probatum.control.learning.objective import Bootstrap, CriticStep, Objective
from probatum.control.learning.replay import Batch, Replay
from probatum.control.learning.reward_model import RewardModel
from probatum.control.learning.softmax_head import SoftmaxHead
from probatum.control.learning.squashed_gaussian import SquashedGaussian
from probatum.control.settings import Training

Generators = Sequence[np.random.Generator]


@final
class Learner:
    """The networks of S members (one a seed), and how they learn from a replay and `examples`, one array a member."""

    def __init__(
        self,
        *,
        spaces: Spaces,
        training: Training,
        objective: Objective,
        examples: Sequence[Floats],
        seeds: Sequence[int],
    ) -> None:
        self.spaces, self.training, self.objective, self.examples = spaces, training, objective, examples
        self.generators = [np.random.default_rng([seed, 1]) for seed in seeds]
        wide, hidden = spaces.observation, training.hidden
        self.head: Head = SoftmaxHead(spaces.action) if spaces.discrete else SquashedGaussian(spaces.action)
        self.actor = MlpStack((wide, *hidden, self.head.outputs), twins=1, generators=self.generators)
        self.critics = MlpStack((wide + spaces.action, *hidden, 1), twins=2, generators=self.generators)
        self.targets = MlpStack((wide + spaces.action, *hidden, 1), twins=2, generators=self.generators)
        self.targets.flat[...] = self.critics.flat
        self.moments = Moments(members=len(seeds), observation=wide, standardize=training.normalize)
        self.log_entropy: Floats = np.zeros((len(seeds), 1), np.float32)
        if training.entropy != "auto":
            self.log_entropy += np.float32(np.log(max(float(training.entropy), 1e-30)))
        rate = training.learning_rate
        self.actor_adam, self.critic_adam = Adam(self.actor.flat, rate=rate), Adam(self.critics.flat, rate=rate)
        self.entropy_adam = Adam(self.log_entropy, rate=rate)
        self.updates = 0
        self._acting = self.actor.run(1)
        self._make_room()
        self.reward_model = self._reward_model()

    def update(self, replay: Replay) -> None:
        """Draw a batch and take one step with every network."""
        batch = self._draw(replay, self.generators)
        if self.reward_model is not None and self.reward_model.how.frozen_after is None:
            self.reward_model.learn(self._rewarded_rows(), self.generators)
        drawn, step = self._critic_step(batch, self.generators)
        self.critic_adam.step(self._critic_run.backward(step.slope[..., None]))
        self._climb(drawn)
        follow(self.targets.flat.reshape(-1), self.critics.flat.reshape(-1), np.float32(self.training.polyak))
        self.updates += 1

    def learn_reward_once(self, replay: Replay) -> None:
        """Where the reward is learned in a stage of its own: learn it from what the replay holds, and hold it fixed."""
        if self.reward_model is not None:
            for _ in range(self.reward_model.how.frozen_after or 0):
                self._draw(replay, self.generators)
                self.reward_model.learn(self._rewarded_rows(), self.generators)

    def look(self, replay: Replay, generators: Generators) -> tuple[CriticStep, Floats, Floats]:
        """Return what an update would ask of the critics on a batch drawn by `generators`; nothing is changed.

        With it the critics' outputs (S, 2, B) for the batch's transitions, and the policy's entropy (S,).
        """
        drawn, step = self._critic_step(self._draw(replay, generators), generators)
        met = self._critic_run.values[-1][:, :, : self.training.batch, 0]
        return step, met, -drawn.log_probability[:, self._now].mean(axis=1)

    def act(self, observations: Floats, *, explore: bool) -> Floats:
        """Return actions (S, V, action) for `observations` (S, V, observation)."""
        outputs = self._outputs(observations)
        if explore:
            return self.head.draw(outputs, self.generators).actions
        return self._best(outputs)

    def values(self, observations: Floats, actions: Floats) -> Floats:
        """Return the critics' outputs (S, 2, N) for observations (S, N, observation) and actions (S, N, action)."""
        rows = np.concatenate([self._standardized(observations), actions], axis=-1)
        values: Floats = self.critics.run(rows.shape[1]).forward(rows[:, None])[..., 0]
        return values

    def _best(self, outputs: Floats) -> Floats:
        """Return the greedy actions (S, N, action)."""
        if self.spaces.discrete:
            return _one_hot(np.argmax(outputs, axis=-1), self.spaces.action)
        return np.tanh(outputs[..., : self.spaces.action])

    def _standardized(self, observations: Floats) -> Floats:
        rows = np.empty(observations.shape, np.float32)
        self.moments.apply(observations, rows)
        return rows

    def _outputs(self, observations: Floats) -> Floats:
        count = observations.shape[1]
        if self._acting.rows != count:
            self._acting = self.actor.run(count)
        return self._acting.forward(self._standardized(observations)[:, None])[:, 0]

    def _make_room(self) -> None:
        """Set aside the arrays that every update fills again."""
        members, wide = len(self.generators), self.spaces.observation
        batch, shown = self.training.batch, self.training.examples_a_batch
        later = batch if self.objective.n_step > 1 else 0
        self._now, self._next = slice(0, batch), slice(batch, 2 * batch)
        self._later = slice(2 * batch, 2 * batch + later) if later else self._next
        end = 2 * batch + later
        self._shown = slice(end, end + shown)
        self._boot = slice(batch, end + shown if self.objective.bootstrap_examples else end)
        self._states: Floats = np.empty((members, end + shown, wide), np.float32)
        asked = end + shown if self.objective.with_examples else end
        self._actor_run = self.actor.run(asked)
        self._target_run = self.targets.run(self._boot.stop - batch)
        self._critic_run = self.critics.run(batch + (shown if self.objective.with_examples else 0))
        self._climb_run = self.critics.run(batch * (self.spaces.action if self.spaces.discrete else 1))
        size = wide + self.spaces.action
        self._target_rows: Floats = np.empty((members, 1, self._target_run.rows, size), np.float32)
        self._critic_rows: Floats = np.empty((members, 1, self._critic_run.rows, size), np.float32)
        self._climb_rows: Floats = np.empty((members, 1, self._climb_run.rows, size), np.float32)

    def _reward_model(self) -> RewardModel | None:
        how = self.objective.discrimination
        if how is None:
            return None
        return RewardModel(
            how,
            observation=self.spaces.observation,
            hidden=self.training.hidden,
            rows=(self.training.batch, self.training.examples_a_batch),
            generators=self.generators,
        )

    def _draw(self, replay: Replay, generators: Generators) -> Batch:
        """Draw transitions and examples, and fill `_states`: now, next, later, examples."""
        objective = self.objective
        batch = replay.draw(
            self.training.batch, generators, n_step=objective.n_step, cross_episodes=objective.cross_episodes
        )
        states = self._states
        states[:, self._now], states[:, self._next] = batch.now, batch.next
        if objective.n_step > 1:
            states[:, self._later] = batch.later
        count = self.training.examples_a_batch
        for member, (generator, examples) in enumerate(zip(generators, self.examples, strict=True)):
            np.take(examples, generator.integers(len(examples), size=count), axis=0, out=states[member, self._shown])
        self.moments.apply(states, states)
        return batch

    def _rewarded_rows(self) -> Floats:
        return np.concatenate([self._states[:, self._now], self._states[:, self._shown]], axis=1)

    def _critic_step(self, batch: Batch, generators: Generators) -> tuple[Drawn, CriticStep]:
        """Ask the targets about the states drawn, and the objective what the critics should do."""
        wide = self.spaces.observation
        outputs = self._actor_run.forward(self._states[:, None, : self._actor_run.rows])[:, 0]
        drawn = self.head.draw(outputs, generators)
        bootstrap = self._bootstrap(batch, drawn)
        rows = self._critic_rows[:, 0]
        count = self.training.batch
        rows[:, :count, :wide], rows[:, :count, wide:] = self._states[:, self._now], batch.actions
        if self.objective.with_examples:
            rows[:, count:, :wide] = self._states[:, self._shown]
            rows[:, count:, wide:] = self._example_actions(outputs[:, self._shown], drawn, generators)
        values = self._critic_run.forward(self._critic_rows)[..., 0]
        return drawn, self.objective.critic(values, bootstrap)

    def _example_actions(self, outputs: Floats, drawn: Drawn, generators: Generators) -> Floats:
        """Return the actions that stand beside the success examples."""
        actions = drawn.actions[:, self._shown]
        if self.objective.example_actions == "policy":
            return actions
        if self.objective.example_actions == "greedy":
            return self._best(outputs)
        return np.stack([self.random_actions(generator, actions.shape[1]) for generator in generators])

    def random_actions(self, generator: np.random.Generator, count: int) -> Floats:
        """Draw `count` actions (count, action) uniformly."""
        if self.spaces.discrete:
            return _one_hot(generator.integers(self.spaces.action, size=count), self.spaces.action)
        return generator.uniform(-1, 1, (count, self.spaces.action)).astype(np.float32)

    def _bootstrap(self, batch: Batch, drawn: Drawn) -> Bootstrap:
        wide, boot = self.spaces.observation, self._boot
        rows = self._target_rows[:, 0]
        rows[..., :wide], rows[..., wide:] = self._states[:, boot], drawn.actions[:, boot]
        said = self._target_run.forward(self._target_rows)[..., 0]
        cost = np.exp(self.log_entropy) * drawn.log_probability
        off = -self.training.batch  # the targets' rows begin with `next`
        shown = slice(self._shown.start + off, self._shown.stop + off)
        return Bootstrap(
            next=said[..., : self.training.batch],
            later=said[..., self._later.start + off : self._later.stop + off],
            examples=said[..., shown],
            entropy_cost=cost[:, self._next],
            entropy_cost_examples=cost[:, self._shown],
            ahead=batch.ahead,
            terminal=batch.terminal & self.training.use_terminals,
            terminal_later=batch.terminal_later & self.training.use_terminals,
            rewards=batch.rewards if self.reward_model is None else self.reward_model.rewards(self._rewarded_rows()),
            discount=self.training.discount,
        )

    def _climb(self, drawn: Drawn) -> None:
        """Move the actor uphill, and with it the weight of the entropy where that is to be found."""
        wide, now = self.spaces.observation, self._now
        slopes: list[Floats] = []

        def value(actions: Floats) -> Floats:
            rows = self._climb_rows[:, 0]
            rows[..., :wide] = np.repeat(self._states[:, now], rows.shape[1] // self.training.batch, axis=1)
            rows[..., wide:] = actions
            climbed, slope = self.objective.climbed(self._climb_run.forward(self._climb_rows)[..., 0])
            slopes.append(slope)
            return climbed

        def slope() -> Floats:
            by_twin = self._climb_run.input_slope(slopes.pop()[..., None], columns=slice(wide, None))
            by_action: Floats = by_twin.sum(axis=1)
            return by_action

        uphill, entropy = self.head.uphill(
            self._actor_run.values[-1][:, 0, now],
            Drawn(drawn.actions[:, now], drawn.log_probability[:, now], drawn.noise[:, now]),
            entropy=np.exp(self.log_entropy),
            value=value,
            slope=slope,
        )
        self.actor_adam.step(self._actor_run.backward(uphill[:, None], rows=self.training.batch))
        if self.training.entropy == "auto":
            self.entropy_adam.step((entropy[:, None] - np.float32(self.head.target_entropy)).astype(np.float32))


def _one_hot(chosen: NDArray[np.int64], choices: int) -> Floats:
    rows: Floats = np.eye(choices, dtype=np.float32)[chosen]
    return rows
