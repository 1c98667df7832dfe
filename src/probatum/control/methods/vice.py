"""VICE, which on success states is AIRL: the reward is the logit of a discriminator learned on the way.

Fu, Singh, Ghosh, Yang, Levine 2018, "Variational Inverse Control with Events"; Fu, Luo, Levine 2018, "Learning Robust
Rewards with Adversarial Inverse Reinforcement Learning"; here off-policy, with soft actor-critic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def vice(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    clip: float = 10.0,
    gradient_penalty: float = 10.0,
    reward_rate: float = 3e-4,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    `clip`: bound of the reward. `gradient_penalty`: its weight in the discriminator's loss. `reward_rate`: the
    discriminator's learning rate.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective(clip=clip, gradient_penalty=gradient_penalty, reward_rate=reward_rate)
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective(*, clip: float = 10.0, gradient_penalty: float = 10.0, reward_rate: float = 3e-4) -> Objective:
    """Return soft actor-critic on the reward of VICE; arguments as for `vice`."""
    from probatum.control.objectives.learned_rewards import vice_reward
    from probatum.control.objectives.soft_actor_critic import SoftActorCritic

    return SoftActorCritic("vice", vice_reward(clip=clip, gradient_penalty=gradient_penalty, reward_rate=reward_rate))
