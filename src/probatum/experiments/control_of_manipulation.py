"""Which method learns a manipulation task best from the same examples of success?

Eysenbach, Levine, Salakhutdinov 2021, "Replacing Rewards with Examples", main experiment, on today's environments:
Meta-World 3 and Adroit's door. One trial trains every method from one seed with the same budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from probatum.control.environments.make_environment import EnvironmentSpec, environment_from
from probatum.control.environments.stepped import Stepped
from probatum.control.final_episodes import final_episodes
from probatum.control.learning.mlp import Floats
from probatum.control.learning.objective import Objective
from probatum.control.objectives.learned_rewards import dac_reward, frozen, vice_reward
from probatum.control.objectives.recursive_classification import RecursiveClassification
from probatum.control.objectives.soft_actor_critic import SoftActorCritic
from probatum.control.objectives.soft_q_imitation import SoftQImitation
from probatum.control.settings import Training
from probatum.control.training_run import TrainingRun
from probatum.datasets.success_examples import load_success_examples
from probatum.errors import CannotRun, MissingExtra
from probatum.progress import track

METHODS = ("rce", "sqil", "vice", "dac", "two_stage")
DOOR = "AdroitHandDoor-v1"
DOOR_OPEN = 1.35  # radians of the hinge at which the door counts as open
HINGE = 28  # the column of the observation that holds its angle


def control_of_manipulation(
    *,
    seed: int,
    task: str = "window-close-v3",
    methods: Sequence[str] = METHODS,
    updates: int = 100_000,
    warmup: int = 10_000,
    width: int = 64,
    batch: int = 128,
    episodes: int = 30,
) -> Mapping[str, float]:
    """Train each of `methods` on `task` from 200 examples: `warmup` random steps, then as many steps as `updates`.

    Episodes of Meta-World end after 150 steps (the paper's tasks: 151). Metrics by method: METHOD_ever, METHOD_end,
    METHOD_closer as in `FinalEpisodes`, over `episodes` greedy episodes at the end; METHOD_curve, the mean of
    "ever" over five evaluations on the way. And rce_minus_METHOD_WHAT, with METHOD also `best`: the best of the
    others in that trial, which favours the others.
    Raises `ValueError` for an unknown method, `CannotRun` where the simulators are not installed.
    """
    if isinstance(methods, str) or not methods or not set(methods) <= set(METHODS):
        raise ValueError(f"methods {methods!r}: give a list of some of {', '.join(METHODS)}")
    environment = _environment(task)
    examples = load_success_examples(task)
    metrics: dict[str, float] = {}
    for method in track(methods, total=len(methods), what="methods"):
        objective = _objective(method)
        training = Training(
            steps=warmup + updates,
            warmup=warmup,
            hidden=(width, width),
            batch=batch,
            entropy=objective.entropy,
            evaluations=5,
        )
        run = TrainingRun(environment, examples, objective=objective, training=training, seeds=[seed])
        try:
            run.go()
            found = final_episodes(
                partial(_greedy, run),
                env_fn=environment,
                distance=_hinge if task == DOOR else _distance,
                episodes=episodes,
                seed=1_000_000 + seed,
            )
        finally:
            run.close()
        curve = [row[0] for row in run.history["success_ever"]]
        metrics |= {f"{method}_ever": found.ever, f"{method}_end": found.end, f"{method}_closer": found.closer}
        metrics[f"{method}_curve"] = sum(curve) / len(curve)
    return metrics | _differences(metrics, methods)


def _greedy(run: TrainingRun, observations: Floats) -> Floats:
    actions: Floats = run.learner.act(observations[None], explore=False)[0]
    return actions


def _objective(method: str) -> Objective:
    """Return the method as tuned: the best of three settings on one pilot seed (docs/methods/rce.md, Details).

    The two-stage variant has the tuned reward of VICE, fitted once.
    """
    match method:
        case "rce":
            return RecursiveClassification()
        case "sqil":
            return SoftQImitation()
        case "vice":
            return SoftActorCritic("vice", vice_reward(gradient_penalty=10.0))
        case "dac":
            return SoftActorCritic("dac", dac_reward())
        case _:
            return SoftActorCritic("two_stage_vice", frozen(vice_reward(gradient_penalty=10.0), updates=2_000))


def _environment(task: str) -> EnvironmentSpec:
    try:
        if task == DOOR:
            environment = environment_from(DOOR)
        else:
            environment = environment_from("Meta-World/MT1", name=task, max_episode_steps=150)
        environment().close()
    except MissingExtra as error:
        raise CannotRun(str(error)) from error
    return environment.spec


def _distance(stepped: Stepped) -> float:
    return float(stepped.info[0]["obj_to_target"])


def _hinge(stepped: Stepped) -> float:
    return max(0.0, DOOR_OPEN - float(stepped.arrived[0, HINGE]))


def _differences(metrics: Mapping[str, float], methods: Sequence[str]) -> dict[str, float]:
    others = [method for method in methods if method != "rce"]
    if "rce" not in methods or not others:
        return {}
    found: dict[str, float] = {}
    for what in ("ever", "end", "closer", "curve"):
        ours = metrics[f"rce_{what}"]
        found |= {f"rce_minus_{other}_{what}": ours - metrics[f"{other}_{what}"] for other in others}
        found[f"rce_minus_best_{what}"] = ours - max(metrics[f"{other}_{what}"] for other in others)
    return found
