"""Ten seeds in one process beside ten processes, one after the other: what batching the networks saves.

python benchmarks/learning_seeds.py OUT --width 64 --batch 128 --steps 3000 --seeds 0 1 2   trains those side by side.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from measured import Cost, run

WARMUP, COST = 500, "cost.json"


@dataclass(frozen=True)
class Trained:
    """What processes that trained used: all of it, and what the training alone took; the policies by their seed."""

    cpu: float
    training: float
    wall: float
    policies: dict[str, str]


def trained(seeds: range, *, width: int, batch: int, steps: int) -> Trained:
    """Train the seeds side by side in an interpreter of its own, as a command would."""
    with tempfile.TemporaryDirectory() as place:
        sizes = ["--width", str(width), "--batch", str(batch), "--steps", str(steps)]
        command = [sys.executable, __file__, place, *sizes, "--seeds", *map(str, seeds)]
        cost: Cost = run(command, Path(place))
        said = json.loads((Path(place) / COST).read_text())
    return Trained(cost.cpu, said["training"], cost.wall, said["policies"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("out", type=Path)
    for name in ("width", "batch", "steps"):
        options.add_argument(f"--{name}", type=int, required=True)
    options.add_argument("--seeds", type=int, nargs="+", required=True)
    given = options.parse_args()
    from probatum.control.environments.make_environment import environment_from
    from probatum.control.environments.point_room import success_states
    from probatum.control.learning.checkpoint import digest
    from probatum.control.objectives.recursive_classification import RecursiveClassification
    from probatum.control.settings import Training
    from probatum.control.training_run import TrainingRun

    start = time.process_time()
    width = (given.width, given.width)
    training = Training(steps=given.steps, warmup=WARMUP, hidden=width, batch=given.batch, evaluations=1)
    learning = TrainingRun(
        environment_from("probatum/PointRoom-v0"),
        success_states(200),
        objective=RecursiveClassification(n_step=10),
        training=training,
        seeds=given.seeds,
    )
    learning.go()
    seconds = time.process_time() - start
    actor = learning.learner.actor.flat
    policies = {str(seed): digest({"actor": actor[place]}) for place, seed in enumerate(given.seeds)}
    (given.out / COST).write_text(json.dumps({"training": seconds, "policies": policies}))


if __name__ == "__main__":
    main()
