"""RCE: learn from examples of success by recursive classification, with no reward (Eysenbach et al. 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack

if TYPE_CHECKING:
    from probatum.control.environments.lanes import EnvFn
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.learning.objective import Objective
    from probatum.control.settings import LearningOptions


def rce(
    env_fn: EnvFn,
    examples: Any,
    *,
    seed: int = 0,
    steps: int = 20_000,
    n_step: int = 10,
    window: Literal["true", "reference"] = "true",
    mixing: Literal["probability", "odds"] = "probability",
    climb: Literal["probability", "logit"] = "probability",
    example_actions: Literal["policy", "greedy", "uniform"] = "policy",
    **options: Unpack[LearningOptions],
) -> LearnedPolicy:
    """Learn a policy for the environment that `env_fn` makes from `examples` (E, observation) of success.

    `n_step`: targets are made half of the next state, half of the state n steps on, fewer where the episode ends
    before (1: the next state alone). `window`: "reference" takes the last of n frames with the exponent n and lets it
    run into the next episode, as the authors' code does. `mixing`: what is averaged. `climb`: what the actor
    maximizes. `example_actions`: the actions beside the examples. `options`: see `LearningOptions`.

    Returns a `LearnedPolicy`. Raises `ProbatumError` for examples, environments or settings that cannot be used.
    """
    from probatum.control.learn import learn_many

    chosen = objective(n_step=n_step, window=window, mixing=mixing, climb=climb, example_actions=example_actions)
    return learn_many(env_fn, examples, objective=chosen, seeds=(seed,), steps=steps, **options)[0]


def objective(
    *,
    n_step: int = 10,
    window: Literal["true", "reference"] = "true",
    mixing: Literal["probability", "odds"] = "probability",
    climb: Literal["probability", "logit"] = "probability",
    example_actions: Literal["policy", "greedy", "uniform"] = "policy",
) -> Objective:
    """Return what RCE fits its critics to; arguments as for `rce`."""
    from probatum.control.objectives.recursive_classification import RecursiveClassification

    return RecursiveClassification(
        n_step=n_step, window=window, mixing=mixing, climb=climb, example_actions=example_actions
    )
