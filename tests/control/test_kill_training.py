"""SIGKILL at any moment of a training: taken up from its last checkpoint, it ends as if nobody had touched it."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from probatum.control.environments.point_room import success_states

STEPS = 3000
TRAIN = """\
import sys
from pathlib import Path

from probatum.control.environments.point_room import PointRoom
from probatum.control.learning.checkpoint import NAME
from probatum.control.methods.{method} import {method}
from probatum.control.training_run import TrainingRun

folder = Path(sys.argv[1])
said = open(sys.argv[2], "w", buffering=1)
plain = TrainingRun.step


def tell(run):
    plain(run)
    print(run.done, file=said)


TrainingRun.step = tell
policy = {method}(
    PointRoom, folder / "examples.npz", steps={steps}, seed=4, hidden=(16, 16), batch=32, evaluations=5,
    evaluation_episodes=2, checkpoint_every=50, folder=folder, resume=(folder / "checkpoint" / NAME).is_file(),
)
policy.save(folder)
"""


class Training:
    """A folder with a training that can be started, killed and started again."""

    def __init__(self, folder, method):
        self.folder, self.said = folder, folder / "said"
        self.code = TRAIN.format(method=method, steps=STEPS)
        folder.mkdir()
        np.savez(folder / "examples.npz", observations=success_states(30))

    def start(self):
        self.said.write_text("")
        return subprocess.Popen(
            [sys.executable, "-c", self.code, self.folder, self.said], start_new_session=True, stderr=subprocess.PIPE
        )

    def finish(self):
        process = self.start()
        _, words = process.communicate(timeout=300)
        assert process.returncode == 0, words.decode()

    def kill(self, steps, after):
        """Let it come to its n-th line, wait, kill it; returns the step at which it was last heard, 0 for never."""
        process = self.start()
        while self.said.read_text().count("\n") < steps and process.poll() is None:
            time.sleep(0.002)
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        words = process.communicate()[1]
        assert process.returncode == -signal.SIGKILL, words.decode()  # it was neither finished nor failed
        lines = self.said.read_text().split("\n")
        return int(lines[-2]) if len(lines) > 1 else 0

    def policy(self):
        """The policy's arrays as bytes, and its words without what the clock said."""
        words = json.loads((self.folder / "policy.json").read_text())
        del words["history"]["seconds"]
        return (self.folder / "policy.npz").read_bytes(), words


@pytest.fixture
def trainings(tmp_path, request):
    whole, killed = (Training(tmp_path / name, request.param) for name in ("whole", "killed"))
    whole.finish()
    return whole, killed


@pytest.mark.slow
@pytest.mark.parametrize("trainings", ["rce", "dac"], indirect=True)
def test_twelve_kills_at_random_moments(trainings):
    whole, killed = trainings
    chance = random.Random(0)
    heard = []
    for _ in range(2):  # while it imports, reads its checkpoint and compiles
        heard.append(killed.kill(0, chance.uniform(0.1, 1.5)))
    for _ in range(10):  # within and between checkpoints, which come every 50 steps
        heard.append(killed.kill(chance.randint(1, 300), chance.uniform(0, 0.1)))
    assert sum(step > 0 for step in heard) >= 10
    assert max(heard) > STEPS / 10
    killed.finish()
    assert killed.policy() == whole.policy()


@pytest.mark.slow
@pytest.mark.parametrize("trainings", ["rce"], indirect=True)
def test_kills_while_a_checkpoint_is_written(trainings):
    """Killed as soon as the part of a file is seen: the old checkpoint still counts."""
    whole, killed = trainings
    part = killed.folder / "checkpoint" / ".checkpoint.npz.part"
    caught = 0
    for _ in range(20):
        if caught == 2:
            break
        part.unlink(missing_ok=True)
        process = killed.start()
        while process.poll() is None and not part.exists():
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        caught += part.exists()
    assert caught == 2
    killed.finish()
    assert killed.policy() == whole.policy()
