"""Does a policy learned from examples alone reach the goal of a small room? Half a minute, and no simulator.

Recursive classification of examples, Eysenbach, Levine, Salakhutdinov 2021, in a room of our own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from probatum.control.environments.make_environment import environment_from
from probatum.control.environments.point_room import success_states
from probatum.control.learning.evaluation import try_out
from probatum.control.objectives.recursive_classification import RecursiveClassification
from probatum.control.settings import Training
from probatum.control.training_run import TrainingRun

ROOM = "probatum/PointRoom-v0"


def control_in_point_room(*, seed: int, steps: int = 10_000, examples: int = 200) -> Mapping[str, float]:
    """Learn from `examples` states of the goal for `steps` steps, the first 1,000 of them random.

    Metrics: `ever` and `end`, success of the greedy policy at some step and at the last one, in 50 episodes;
    `random_ever`, of uniformly random actions, in as many; `better`, their difference.
    """
    environment = environment_from(ROOM)
    training = Training(
        steps=steps,
        warmup=1_000,
        hidden=(64, 64),
        batch=128,
        entropy=0.01,  # with the default the actions go to their bounds, and a point at full speed cannot stay
        evaluations=1,
        evaluation_episodes=50,
    )
    run = TrainingRun(
        environment,
        success_states(examples, seed=seed),
        objective=RecursiveClassification(),
        training=training,
        seeds=[seed],
    )
    generator = np.random.default_rng([seed, 5])
    try:
        run.go()
        random = try_out(
            lambda seen: generator.uniform(-1, 1, (*seen.shape[:2], run.spaces.action)).astype(np.float32),
            [environment()],
            episodes=50,
            seed=20_000,
        )
    finally:
        run.close()
    ever, end = run.history["success_ever"][-1][0], run.history["success_end"][-1][0]
    random_ever = float(random.ever[0])
    return {"ever": ever, "end": end, "random_ever": random_ever, "better": ever - random_ever}
