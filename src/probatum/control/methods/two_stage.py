"""Two stages: fit a reward to examples and random states once, then learn a policy for it, with the reward frozen.

The "frozen" baselines of Eysenbach, Levine, Salakhutdinov 2021, section 5: whatever the agent meets later, the reward
does not learn that it is no success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack

from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def two_stage(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    reward: Literal["vice", "dac", "purl", "oril"] = "vice",
    reward_updates: int = 2_000,
    gradient_penalty: float | None = None,
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy from `examples` (E, observation) of success; arguments and errors as for `rce`.

    `reward`: the method whose reward is fitted, in `reward_updates` updates on the random steps at the start.
    `gradient_penalty`: its weight in the discriminator's loss; None takes what that method takes by itself.

    The weight of the entropy is found automatically unless `entropy` is given.
    """
    from probatum.control.learn import learn_many

    chosen = objective(reward=reward, reward_updates=reward_updates, gradient_penalty=gradient_penalty)
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective(
    *,
    reward: Literal["vice", "dac", "purl", "oril"] = "vice",
    reward_updates: int = 2_000,
    gradient_penalty: float | None = None,
) -> Objective:
    """Return soft actor-critic on a reward that is fitted first; arguments as for `two_stage`."""
    from probatum.control.objectives.learned_rewards import dac_reward, frozen, oril_reward, purl_reward, vice_reward
    from probatum.control.objectives.soft_actor_critic import SoftActorCritic

    rewards = {"vice": vice_reward, "dac": dac_reward, "purl": purl_reward, "oril": oril_reward}
    if reward not in rewards:
        raise ProbatumError(f"two_stage: reward={reward!r} is none of {', '.join(rewards)}")
    if gradient_penalty is None and reward == "vice":
        gradient_penalty = 10.0
    fitted = rewards[reward](**({} if gradient_penalty is None else {"gradient_penalty": gradient_penalty}))
    return SoftActorCritic(f"two_stage_{reward}", frozen(fitted, updates=reward_updates))
