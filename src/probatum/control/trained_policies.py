"""What a training run has learned so far, as policies that can act, be saved and be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from probatum.control.learned_policy import LearnedPolicy
from probatum.control.learning.actor import Actor, Critic
from probatum.control.learning.mlp import Floats, MlpStack
from probatum.control.training_run import TrainingRun


def trained_policies(run: TrainingRun, *, environment: Mapping[str, Any]) -> tuple[LearnedPolicy, ...]:
    """Return the policies as they stand in a run, one a seed."""
    learner = run.learner
    policies = []
    for member, seed in enumerate(run.seeds):
        shift, scale = learner.moments.shift[member, 0].copy(), learner.moments.scale[member, 0].copy()
        history = {name: np.array([row[member] for row in rows]) for name, rows in run.history.items()}
        policies.append(
            LearnedPolicy(
                method=run.objective.name,
                seed=seed,
                spaces=run.spaces,
                actor=Actor(_layers(learner.actor, member, 0), shift, scale, run.spaces.discrete),
                critic=Critic(_layers(learner.critics, member, slice(None)), shift, scale),
                history=history,
                settings={**run.training.to_dict(), "options": run.objective.options()},
                environment=environment,
            )
        )
    return tuple(policies)


def _layers(stack: MlpStack, member: int, twins: Any) -> tuple[tuple[Floats, Floats], ...]:
    return tuple(
        (weight[member, twins].copy(), bias[member, twins, 0].copy())
        for weight, bias in zip(stack.weights, stack.biases, strict=True)
    )
