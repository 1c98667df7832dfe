"""PURL: the reward comes from positive-unlabelled learning, since what the agent meets may itself be success.

Xu, Denil 2019, "Positive-Unlabeled Reward Learning".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def purl(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    prior: float = 0.5,
    clip: float = 10.0,
    gradient_penalty: float = 0.0,
    reward_rate: float = 3e-4,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    `prior`: the share of successes assumed among the states met. `clip`: bound of the reward. `gradient_penalty`,
    `reward_rate`: as for `vice`.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective(prior=prior, clip=clip, gradient_penalty=gradient_penalty, reward_rate=reward_rate)
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective(
    *, prior: float = 0.5, clip: float = 10.0, gradient_penalty: float = 0.0, reward_rate: float = 3e-4
) -> Objective:
    """Return soft actor-critic on the reward of PURL; arguments as for `purl`."""
    from probatum.control.objectives.learned_rewards import purl_reward
    from probatum.control.objectives.soft_actor_critic import SoftActorCritic

    return SoftActorCritic(
        "purl", purl_reward(prior=prior, clip=clip, gradient_penalty=gradient_penalty, reward_rate=reward_rate)
    )
