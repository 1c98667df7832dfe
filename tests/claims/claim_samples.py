"""A folder of small experiments, and claims and trials about them."""

import random
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.ledger import Ledger
from probatum.claims.trial import Trial

DRAW = """\
import random
import time

def draw(*, seed, shift=0.0, wait=0.0):
    time.sleep(wait)
    return {"z": shift + random.Random(seed).gauss(0, 1)}
"""


def drawn(seed, shift=0.0):
    """What the experiment `draw` measures."""
    return shift + random.Random(seed).gauss(0, 1)


def make_claim(id="it-holds", **more):
    plain = {
        "entry": "entry",
        "says": "It holds.",
        "reported": "that it holds",
        "question": "replicate",
        "scope": "reduced",
        "experiment": "draw",
        "parameters": {"shift": 10.0},
        "seeds": 3,
        "expect": "z > 5",
    }
    return Claim(id=id, **(plain | more))


def make_trial(seed=0, metrics=None, **more):
    plain = {
        "key": f"key-{seed}-{more.get('code', 'new')}",
        "experiment": "draw",
        "code": "new",
        "parameters": {"shift": 10.0},
        "error": None if metrics is not None else "Traceback",
        "started": f"2026-01-01T00:00:0{seed}+00:00",
        "wall_seconds": 0.1,
        "cpu_seconds": 0.1,
        "peak_memory_bytes": 1,
        "worker": "host:1",
    }
    return Trial(seed=seed, metrics=metrics, **(plain | more))


class Place:
    """Experiments of a newsletter and its ledger."""

    def __init__(self, folder: Path) -> None:
        self.experiments = folder / "experiments"
        self.ledger = Ledger(folder / "ledger")
        self.experiments.mkdir()
        self.write("draw", DRAW)

    def write(self, name, text):
        path = self.experiments / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def refactor(self, name="draw", old="0, 1", new="0.0, 1.0"):
        path = self.experiments / f"{name}.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
