"""ORIL: the reward is a probability, learned from positive and unlabelled states (Zolna et al. 2020).

There the unlabelled experience is given beforehand; here it is what the agent meets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def oril(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    prior: float = 0.5,
    gradient_penalty: float = 1.0,
    reward_rate: float = 3e-4,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    `prior`: the share of successes assumed among the states met. `gradient_penalty`, `reward_rate`: as for `vice`.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective(prior=prior, gradient_penalty=gradient_penalty, reward_rate=reward_rate)
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective(*, prior: float = 0.5, gradient_penalty: float = 1.0, reward_rate: float = 3e-4) -> Objective:
    """Return soft actor-critic on the reward of ORIL; arguments as for `oril`."""
    from probatum.control.objectives.learned_rewards import oril_reward
    from probatum.control.objectives.soft_actor_critic import SoftActorCritic

    return SoftActorCritic("oril", oril_reward(prior=prior, gradient_penalty=gradient_penalty, reward_rate=reward_rate))
