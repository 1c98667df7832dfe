"""A training run: act, store, update, and look at intervals how far it is; it can be left and taken up at any step.

Members, one a seed, are trained side by side: each has its own environments, replay, draws and networks, and comes out
as it would alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from probatum.control.environments.lanes import EnvFn, Lanes, NotRepeatable
from probatum.control.environments.stepped import Stepped
from probatum.control.learning.checkpoint import digest, read_checkpoint, write_checkpoint
from probatum.control.learning.diagnostics import diagnose
from probatum.control.learning.evaluation import Success, successes, try_out
from probatum.control.learning.learner import Learner
from probatum.control.learning.mlp import Floats
from probatum.control.learning.objective import Objective
from probatum.control.learning.replay import Replay
from probatum.control.settings import Training
from probatum.errors import MissingExtra, ProbatumError
from probatum.progress import advance

MOMENTS_EVERY = 50  # steps between updates of the observations' moments: each step alone would cost as much as acting


@final
class TrainingRun:
    """S members on their way. `history`: columns by name, each a list of arrays (S,), a row an evaluation.

    `examples` (E, observation) are shared out for each member into some to learn from and some held out.
    """

    def __init__(
        self,
        env_fn: EnvFn,
        examples: Floats,
        *,
        objective: Objective,
        training: Training,
        seeds: Sequence[int],
        success: Success | None = None,
    ) -> None:
        self.training, self.objective, self.success = training, objective, success
        self.seeds = tuple(int(seed) for seed in seeds)
        self.lanes = [Lanes(env_fn, seed=seed) for seed in seeds]
        self.spaces = self.lanes[0].spaces
        self._env_fn = env_fn
        self._trying: list[Any] = []
        shared = [_share(examples, training.held_out, seed) for seed in seeds]
        self.held_out = [apart for _, apart in shared]
        self.learner = Learner(
            spaces=self.spaces,
            training=training,
            objective=objective,
            examples=[learned for learned, _ in shared],
            seeds=seeds,
        )
        self.replay = Replay(
            members=len(self.lanes),
            lanes=self.lanes[0].count,
            observation=self.spaces.observation,
            action=self.spaces.action,
            capacity=min(training.capacity, 2 * training.steps + 4 * self.lanes[0].count),
        )
        self._taken = np.zeros_like(self.replay.frames)  # frames that the moments have seen
        self.done = 0
        self.history: dict[str, list[list[float]]] = {}
        self._examples_digest = digest({"examples": examples})
        self._began = time.perf_counter()
        for member, (learned, lane) in enumerate(zip(self.learner.examples, self.lanes, strict=True)):
            self.learner.moments.add(member, learned)
            for place, observation in enumerate(lane.observations):
                self.replay.stand(member * lane.count + place, observation)

    def go(self, *, folder: Path | None = None) -> None:
        """Run to the end; with a folder, leave checkpoints there, and none when all is done."""
        training = self.training
        with one_blas_thread():
            while self.done < training.steps:
                self.step()
                if self.done % 500 < self.lanes[0].count:
                    advance(self.done, training.steps, f"steps of {self.objective.name}")
                if folder is not None and self.done % training.checkpoint_every < self.lanes[0].count:
                    self.save(folder)

    def step(self) -> None:
        """Take one step in every lane, and the updates that are due."""
        training, count = self.training, self.lanes[0].count
        random = self.done < training.random_steps
        actions = self._random_actions() if random else self.learner.act(self._standing(), explore=True)
        for member, lane in enumerate(self.lanes):
            self._store(member, actions[member], lane.step(actions[member]))
        before, self.done = self.done, self.done + count
        if before // MOMENTS_EVERY != self.done // MOMENTS_EVERY:
            self._take_moments()
        if before < training.random_steps <= self.done:
            self._take_moments()
            self.learner.learn_reward_once(self.replay)
        if not random:
            for _ in range(count * training.updates_per_step):
                self.learner.update(self.replay)
        reached = min(self.done, training.steps)
        if not random and _share_done(training, before) != _share_done(training, reached):
            self.evaluate()

    def evaluate(self) -> None:
        """Try the greedy policies and note how they do, with what the critics believe."""
        number = len(self.history.get("steps", ()))
        if not self._trying:
            self._trying = [self._env_fn() for _ in self.seeds]
        tried = try_out(
            lambda seen: self.learner.act(seen, explore=False),
            self._trying,
            episodes=self.training.evaluation_episodes,
            seed=10_000 + number,
            success=self.success,
        )
        generators = [np.random.default_rng([seed, 2, number]) for seed in self.seeds]
        same = np.ones(len(self.seeds))
        row: dict[str, NDArray[np.float64]] = {
            "steps": same * self.done,
            "updates": same * self.learner.updates,
            "success_ever": tried.ever,
            "success_end": tried.end,
            "return": tried.returns,
            **diagnose(self.learner, self.replay, held_out=self.held_out, generators=generators),
            "seconds": same * (time.perf_counter() - self._began),
        }
        for name, values in row.items():
            self.history.setdefault(name, []).append(values.tolist())

    def close(self) -> None:
        """Close the environments."""
        for lane in self.lanes:
            lane.close()
        for env in self._trying:
            env.close()

    def save(self, folder: Path) -> None:
        """Write a checkpoint of everything into `folder`."""
        states = [lane.state() for lane in self.lanes]
        arrays = self._arrays()
        used = min(int(self.replay.frames.max()), self.replay.capacity)
        for name in self.replay.ring_names:  # what has never been written is not written either
            arrays[f"replay.{name}"] = arrays[f"replay.{name}"][:, :used]
        for number, state in enumerate(states):
            arrays |= {f"lane {number} {key}": item for key, item in state.items() if isinstance(item, np.ndarray)}
        words = {
            **self._identity(),
            "done": self.done,
            "updates": self.learner.updates,
            "history": self.history,
            "seconds": time.perf_counter() - self._began,
            "generators": [generator.bit_generator.state for generator in self.learner.generators],
            "lanes": [{key: x for key, x in state.items() if not isinstance(x, np.ndarray)} for state in states],
        }
        write_checkpoint(folder, arrays=arrays, words=words)

    def resume(self, folder: Path) -> str:
        """Take up the run whose checkpoint is in `folder`; returns a warning in words, empty if all is as it was.

        Raises `ProbatumError` where the checkpoint is of another run: other method, settings, seeds or examples.
        """
        arrays, words = read_checkpoint(folder)
        for name, value in self._identity().items():
            if words.get(name) != value:
                raise ProbatumError(
                    f"{folder}: the checkpoint is of another run: its {name} is {words.get(name)}, not {value}; "
                    "start with the same, or without resume"
                )
        for name, array in self._arrays().items():
            saved = arrays[name]  # a ring has only the frames that were written
            array[tuple(slice(0, size) for size in saved.shape)] = saved
        self.learner.moments.refresh()
        self.done, self.learner.updates, self.history = words["done"], words["updates"], words["history"]
        self._began = time.perf_counter() - words["seconds"]
        for generator, state in zip(self.learner.generators, words["generators"], strict=True):
            generator.bit_generator.state = state
        warning = ""
        for number, (lane, state) in enumerate(zip(self.lanes, words["lanes"], strict=True)):
            mark = f"lane {number} "
            found = {name.removeprefix(mark): item for name, item in arrays.items() if name.startswith(mark)}
            try:
                lane.restore(state | found)
            except NotRepeatable as error:
                warning = f"{error} The run goes on with new episodes, so it will not end as it would have ended."
                self._start_over(number, lane)
        return warning

    def _start_over(self, member: int, lane: Lanes) -> None:
        lane.restart()
        for place, observation in enumerate(lane.observations):
            self.replay.break_off(member * lane.count + place)
            self.replay.stand(member * lane.count + place, observation)

    def _identity(self) -> dict[str, Any]:
        return {
            "method": self.objective.name,
            "options": self.objective.options(),
            "spaces": self.spaces.to_dict(),
            "settings": {name: _listed(value) for name, value in self.training.to_dict().items()},
            "seeds": list(self.seeds),
            "examples": self._examples_digest,
        }

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Return every array of the run by name, the arrays themselves."""
        learner = self.learner
        holders = {
            "actor": learner.actor,
            "critics": learner.critics,
            "targets": learner.targets,
            "actor_adam": learner.actor_adam,
            "critic_adam": learner.critic_adam,
            "entropy_adam": learner.entropy_adam,
            "moments": learner.moments,
            "replay": self.replay,
        }
        if learner.reward_model is not None:
            holders |= {"reward": learner.reward_model.stack, "reward_adam": learner.reward_model.adam}
        arrays = {
            f"{mark}.{name}": array
            for mark, holder in holders.items()
            for name, array in vars(holder).items()
            if isinstance(array, np.ndarray) and not name.startswith("_")
        }
        return {**arrays, "log_entropy": learner.log_entropy, "taken": self._taken}

    def _standing(self) -> Floats:
        return np.stack([lane.observations for lane in self.lanes])

    def _random_actions(self) -> Floats:
        return np.stack(
            [self.learner.random_actions(generator, self.lanes[0].count) for generator in self.learner.generators]
        )

    def _store(self, member: int, actions: Floats, stepped: Stepped) -> None:
        lane = self.lanes[member]
        rewards = successes(stepped, self.success) if self.objective.rewarded_by_success else stepped.rewards
        if self.objective.rewarded_by_success and np.isnan(rewards).any():
            raise ProbatumError(
                f"{self.objective.name}: the environment does not say whether it has succeeded (info has no 'success' "
                "or 'is_success'); give success=, a function of the observation"
            )
        for place in range(lane.count):
            ring, ended = member * lane.count + place, bool(stepped.ended[place])
            if stepped.valid[place]:
                self.replay.add(
                    ring,
                    action=actions[place],
                    reward=float(rewards[place]),
                    arrived=stepped.arrived[place],
                    terminated=bool(stepped.terminated[place]),
                    ended=ended,
                )
            if ended or not stepped.valid[place]:  # an episode begins where the lane now stands
                self.replay.stand(ring, lane.observations[place])

    def _take_moments(self) -> None:
        count = self.lanes[0].count
        for member in range(len(self.lanes)):
            rings = range(member * count, (member + 1) * count)
            rows = np.concatenate([self.replay.since(ring, int(self._taken[ring])) for ring in rings])
            if len(rows):
                self.learner.moments.add(member, rows)
        self._taken[:] = self.replay.frames


def _share_done(training: Training, steps: int) -> int:
    return steps * training.evaluations // training.steps


def _share(examples: Floats, part: float, seed: int) -> tuple[Floats, Floats]:
    """Return the examples to learn from and those held out, at random but the same for the same seed."""
    order = np.random.default_rng([seed, 0]).permutation(len(examples))
    apart = min(round(part * len(examples)), len(examples) - 1)
    return examples[np.sort(order[apart:])], examples[np.sort(order[:apart])]


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold the matrix products to one thread: these are too small to share, and shared sums do not repeat."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise MissingExtra("control", "threadpoolctl") from error
    with threadpool_limits(1, user_api="blas"):
        yield
