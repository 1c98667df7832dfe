"""From an environment and examples of success to a policy: look at the examples, train, say how it went."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from probatum.control.environments.lanes import EnvFn, Lanes
from probatum.control.example_check import check_examples
from probatum.control.examples.reading import read_examples
from probatum.control.health import policy_alarms
from probatum.control.learned_policy import LearnedPolicy
from probatum.control.learning.mlp import Floats
from probatum.control.learning.objective import Objective
from probatum.control.settings import LearningOptions, Training
from probatum.control.trained_policies import trained_policies
from probatum.control.training_run import TrainingRun
from probatum.errors import ProbatumError


def learn_many(
    env_fn: EnvFn,
    examples: Any,
    *,
    objective: Objective,
    seeds: Sequence[int],
    steps: int,
    **options: Unpack[LearningOptions],
) -> tuple[LearnedPolicy, ...]:
    """Train one policy a seed, side by side: their networks run in the same products, and each comes out as alone.

    `examples`: rows (E, observation), or whatever `read_examples` reads. With `folder` the policies are saved there,
    each of several in `seed-N`. Their `warnings` hold what the check of the examples found, and what the diagnostics
    say that is not well. Raises `ProbatumError` for what cannot be used, and where a policy came to NaN.
    """
    success, folder = options.pop("success", None), options.pop("folder", None)
    resume, check = options.pop("resume", False), options.pop("check", True)
    place = None if folder is None else Path(folder)
    if resume and place is None:
        raise ProbatumError("resume=True needs folder=, where the checkpoint is")
    seeds = tuple(int(seed) for seed in seeds)
    if len(set(seeds)) != len(seeds) or not seeds or min(seeds) < 0:
        raise ProbatumError(f"seeds={seeds}: give each seed once, and none below 0")
    training = Training(steps=steps, **{"entropy": objective.entropy, **options})  # type: ignore[arg-type]
    rows = _read(env_fn, examples)
    warnings: tuple[str, ...] = ()
    if check:
        warnings = check_examples(rows, env_fn=env_fn, seed=seeds[0], success=success).warnings
    run = TrainingRun(env_fn, rows, objective=objective, training=training, seeds=seeds, success=success)
    try:
        if resume and place is not None:
            warnings = (*warnings, *filter(None, [run.resume(place / "checkpoint")]))
        run.go(folder=None if place is None else place / "checkpoint")
    finally:
        run.close()
    policies = trained_policies(run, environment=_spec(env_fn))
    policies = tuple(dataclasses.replace(one, warnings=(*warnings, *policy_alarms(one))) for one in policies)
    if place is not None:
        for policy in policies:
            policy.save(place if len(policies) == 1 else place / f"seed-{policy.seed}")
    return policies


def _read(env_fn: EnvFn, examples: Any) -> Floats:
    lanes = Lanes(env_fn, seed=0)
    try:
        return read_examples(examples, spaces=lanes.spaces)
    finally:
        lanes.close()


def _spec(env_fn: EnvFn) -> Mapping[str, Any]:
    spec: Any = getattr(env_fn, "spec", None)
    return spec.to_dict() if hasattr(spec, "to_dict") else {"factory": repr(env_fn)}
