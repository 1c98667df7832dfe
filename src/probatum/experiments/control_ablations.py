"""What does recursive classification of examples need? One thing is changed at a time.

Eysenbach, Levine, Salakhutdinov 2021, ablations: the number of examples, n-step targets, the actions beside the
examples, and whole trajectories in place of success states, on a task of Meta-World 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from probatum.control.environments.make_environment import environment_from
from probatum.control.objectives.recursive_classification import RecursiveClassification
from probatum.control.settings import Training
from probatum.control.training_run import TrainingRun
from probatum.datasets.success_examples import load_success_examples
from probatum.errors import CannotRun, MissingExtra
from probatum.progress import track

VARIANTS = ("default", "few_examples", "one_step", "uniform_actions", "trajectories")


def control_ablations(
    *,
    seed: int,
    task: str = "window-close-v3",
    variants: Sequence[str] = VARIANTS,
    updates: int = 20_000,
    warmup: int = 10_000,
    width: int = 64,
    batch: int = 128,
) -> Mapping[str, float]:
    """Train each variant on `task` with the same budget: `warmup` random steps, then as many steps as `updates`.

    Variants: `default`; `few_examples`, 20 in place of 200; `one_step`, targets from the next state alone;
    `uniform_actions` beside the examples in place of the policy's; `trajectories`, 200 states of whole scripted
    episodes as examples. Metrics by variant: VARIANT_ever and VARIANT_end, success in the last of four evaluations (20
    greedy episodes each); VARIANT_curve, the mean of "ever" over all four; and default_minus_VARIANT_WHAT.
    Raises `ValueError` for an unknown variant, `CannotRun` where the simulator is not installed.
    """
    if isinstance(variants, str) or not variants or not set(variants) <= set(VARIANTS):
        raise ValueError(f"variants {variants!r}: give a list of some of {', '.join(VARIANTS)}")
    metrics: dict[str, float] = {}
    for variant in track(variants, total=len(variants), what="variants"):
        history = _history(variant, seed=seed, task=task, updates=updates, warmup=warmup, width=width, batch=batch)
        metrics[f"{variant}_ever"] = history["success_ever"][-1]
        metrics[f"{variant}_end"] = history["success_end"][-1]
        metrics[f"{variant}_curve"] = float(np.mean(history["success_ever"]))
    if "default" in variants:
        for what in ("ever", "end", "curve"):
            ours = metrics[f"default_{what}"]
            others = [variant for variant in variants if variant != "default"]
            metrics |= {f"default_minus_{other}_{what}": ours - metrics[f"{other}_{what}"] for other in others}
    return metrics


def _history(
    variant: str, *, seed: int, task: str, updates: int, warmup: int, width: int, batch: int
) -> dict[str, list[float]]:
    try:
        environment = environment_from("Meta-World/MT1", name=task, max_episode_steps=150)
        environment().close()
    except MissingExtra as error:
        raise CannotRun(str(error)) from error
    examples = load_success_examples(f"{task} trajectories" if variant == "trajectories" else task)
    if variant == "few_examples":
        examples = examples[np.random.default_rng([seed, 3]).choice(len(examples), 20, replace=False)]
    objective = RecursiveClassification(
        n_step=1 if variant == "one_step" else 10,
        example_actions="uniform" if variant == "uniform_actions" else "policy",
    )
    training = Training(
        steps=warmup + updates,
        warmup=warmup,
        hidden=(width, width),
        batch=batch,
        evaluations=4 * (warmup + updates) // updates,  # those during the warm-up are left out
        evaluation_episodes=20,
    )
    run = TrainingRun(environment, examples, objective=objective, training=training, seeds=[seed])
    try:
        run.go()
    finally:
        run.close()
    return {name: [row[0] for row in run.history[name]] for name in ("success_ever", "success_end")}
