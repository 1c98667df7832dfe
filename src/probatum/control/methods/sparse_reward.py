"""Soft actor-critic on the true reward, 1 where the environment says success: an upper reference for the others.

Haarnoja et al. 2018. Not example-based: the examples serve the diagnostics alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def sparse_reward(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    Raises `ProbatumError`, too, where the environment does not say whether it has succeeded.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective()
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective() -> Objective:
    """Return soft actor-critic on the flag of success."""
    from probatum.control.objectives.soft_actor_critic import SoftActorCritic

    return SoftActorCritic("sparse_reward", None)
