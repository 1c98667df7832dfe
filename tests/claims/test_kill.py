"""SIGKILL at any moment of a run: what was reported as finished is in the ledger, and the next run does the rest."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from claim_samples import Place, drawn, make_claim

from probatum.claims.run import run
from probatum.claims.standing import standing

SEEDS = 40
CLAIM = make_claim(parameters={"shift": 10.0, "wait": 0.02}, seeds=SEEDS)
RUN = f"""\
import os
import sys
from pathlib import Path
from probatum.claims.claim import Claim
from probatum.claims.ledger import Ledger
from probatum.claims.run import run

claim = Claim(entry="entry", id="it-holds", says="", reported="", question="replicate", scope="reduced",
              experiment="draw", parameters={CLAIM.parameters!r}, seeds={SEEDS}, expect="z > 5")
said = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def say(done, total, label):
    os.write(said, (label + "\\n").encode())

folder = Path(sys.argv[1])
run([claim], Ledger(folder / "ledger"), experiments=folder / "experiments", jobs=int(sys.argv[3]), progress=say)
"""


def kill_a_run(folder, said, jobs, words, after):
    """Start a run in a process group of its own and kill all of it, `after` seconds from its n-th word."""
    said.write_text("")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, folder, said, str(jobs)], start_new_session=True, stderr=subprocess.DEVNULL
    )
    while said.read_text().count("\n") < words and process.poll() is None:
        time.sleep(0.002)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):  # it had finished
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return {int(line.rpartition(" ")[2]) for line in said.read_text().splitlines() if line.startswith("draw")}


def check_ledger(place, finished):
    """Every finished trial is whole and right, and only a last line can be torn."""
    trials = {trial.seed: trial for trial in place.ledger.trials("draw")}
    assert finished <= set(trials)
    assert all(trial.metrics["z"] == drawn(seed, 10) for seed, trial in trials.items())
    path = place.ledger.folder / "draw.jsonl"
    for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
        json.loads(line)
    return set(trials)


def kill_and_finish(place, tmp_path, moments, jobs):
    finished = set()
    for words, after in moments:
        finished |= kill_a_run(tmp_path, tmp_path / "said", jobs, words, after)
        finished = check_ledger(place, finished)
    report = run([CLAIM], place.ledger, experiments=place.experiments)
    assert {trial.seed for trial in report.measured} == set(range(SEEDS)) - finished
    assert check_ledger(place, set()) == set(range(SEEDS))
    assert standing([CLAIM], place.ledger, experiments=place.experiments)[CLAIM.name].state == "supported"
    return finished


@pytest.mark.parametrize("jobs", [1, 2])
def test_two_kills(place, tmp_path, jobs):
    assert len(kill_and_finish(place, tmp_path, [(4, 0.01), (9, 0.0)], jobs)) >= 3 + 8


@pytest.mark.slow
def test_thirty_kills_at_random_moments(tmp_path):
    chance = random.Random(0)
    counts = []
    for number in range(6):  # five kills each, or all would be measured before the last
        folder = tmp_path / str(number)
        folder.mkdir()
        early = [(1, chance.uniform(0, 0.7)) for _ in range(2)]  # while it imports and starts its workers
        late = [(chance.randint(2, 12), chance.uniform(0, 0.03)) for _ in range(3)]
        moments = chance.sample(early + late, 5)
        counts.append(len(kill_and_finish(Place(folder), folder, moments, jobs=1 + number % 2)))
    assert any(0 < count < SEEDS for count in counts)
