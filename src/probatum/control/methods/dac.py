"""DAC, discriminator actor-critic: adversarial imitation off-policy, with a penalty on the discriminator's gradient.

Kostrikov, Agrawal, Dwibedi, Levine, Tompson 2019, "Discriminator-Actor-Critic", with success states in place of
demonstrations. Its absorbing states have no part here, where terminal states are ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def dac(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    gradient_penalty: float = 10.0,
    reward_rate: float = 3e-4,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    `gradient_penalty`: its weight in the discriminator's loss. `reward_rate`: the discriminator's learning rate.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective(gradient_penalty=gradient_penalty, reward_rate=reward_rate)
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective(*, gradient_penalty: float = 10.0, reward_rate: float = 3e-4) -> Objective:
    """Return soft actor-critic on the reward of DAC; arguments as for `dac`."""
    from probatum.control.objectives.learned_rewards import dac_reward
    from probatum.control.objectives.soft_actor_critic import SoftActorCritic

    return SoftActorCritic("dac", dac_reward(gradient_penalty=gradient_penalty, reward_rate=reward_rate))
