"""SQIL as first published: soft Q-learning with reward 1 on examples and 0 elsewhere (Reddy et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def sqil_squared(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective()
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective() -> Objective:
    """Return what this SQIL fits its critics to."""
    from probatum.control.objectives.squared_imitation import SquaredImitation

    return SquaredImitation()
