"""The scripted policies that Meta-World ships: one for each of its tasks, none of them learned.

Yu et al., "Meta-World: A Benchmark and Evaluation for Multi-Task and Meta Reinforcement Learning", CoRL 2019.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from probatum.control.examples.moments import Choose, Float32Array
from probatum.errors import MissingExtra, ProbatumError


def scripted_policy(env: Any) -> Choose:
    """Return the scripted policy of `env`, a Meta-World environment of one task.

    Raises `ProbatumError` for any other environment, `MissingExtra` without the package metaworld.
    """
    try:
        from metaworld.env_dict import ALL_V3_ENVIRONMENTS
        from metaworld.policies import ENV_POLICY_MAP
    except ImportError as error:
        raise MissingExtra("control", "metaworld") from error
    made = getattr(env, "unwrapped", env)
    names = [name for name, kind in ALL_V3_ENVIRONMENTS.items() if isinstance(made, kind)]
    if not names:
        raise ProbatumError(
            f"{type(made).__name__} has no scripted policy: only Meta-World's tasks have one. "
            "Collect from info['success'] or with a state setter instead"
        )
    policy: Any = ENV_POLICY_MAP[names[0]]()  # type: ignore[abstract]  # the map's type is that of their parent

    def choose(observations: Float32Array, generator: np.random.Generator) -> Float32Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of its own gains whenever the environment would clip an action
            actions = [policy.get_action(row.astype(np.float64)) for row in observations]
        return np.asarray(np.clip(np.stack(actions), -1, 1), np.float32)

    return choose
