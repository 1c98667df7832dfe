"""SQIL in the form that the code of RCE offers: a classifier with label 1 on examples (Reddy et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def sqil(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`."""
    from probatum.control.learn import learn_many

    chosen = objective()
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective() -> Objective:
    """Return what this SQIL fits its critics to."""
    from probatum.control.objectives.soft_q_imitation import SoftQImitation

    return SoftQImitation()
