"""Running claims: what is measured, what is kept, what is shared, and what comes of failures."""

import pytest
from claim_samples import drawn, make_claim

from probatum.claims.history import verdicts_of
from probatum.claims.ledger import Ledger
from probatum.claims.run import run
from probatum.claims.standing import LATE, standing, trials_of
from probatum.errors import ProbatumError

CLAIM = make_claim()


def go(place, *claims, **more):
    return run(claims or [CLAIM], place.ledger, experiments=place.experiments, **more)


def stands(place, claim=CLAIM):
    return standing([claim], place.ledger, experiments=place.experiments)[claim.name]


def test_a_claim_is_measured_once(place):
    calls = []
    report = go(place, progress=lambda *call: calls.append(call))
    assert {trial.seed: trial.metrics["z"] for trial in report.measured} == {seed: drawn(seed, 10) for seed in range(3)}
    assert (report.kept, report.failed, dict(report.cannot_run)) == (0, (), {})
    assert [call[:2] for call in calls] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert calls[-1][2] == "draw, seed 2"
    assert stands(place).state == "supported"
    again = go(place)
    assert (again.measured, again.kept, again.changes) == ((), 3, ())
    assert again.summary() == "0 trials measured, 3 were in the ledger already."


def test_what_is_recorded_beside_the_metrics(place):
    trial = go(place, seeds=[0]).measured[0]
    assert trial.wall_seconds >= 0
    assert trial.cpu_seconds >= 0
    assert trial.peak_memory_bytes > 1_000_000
    assert trial.worker.rpartition(":")[2].isdigit()
    assert trial.started.endswith("+00:00")
    assert trial.environment["python"]
    assert Ledger(place.ledger.folder).trials("draw") == (trial,)


def test_processes_measure_the_same(place):
    alone = go(place).measured
    other = run([CLAIM], Ledger(place.ledger.folder / "2"), experiments=place.experiments, jobs=2).measured
    assert {trial.key: trial.metrics for trial in alone} == {trial.key: trial.metrics for trial in other}


def test_only_some_seeds_then_the_rest(place):
    assert [trial.seed for trial in go(place, seeds=[1, 9]).measured] == [1]
    assert stands(place).note == "1 of 3 seeds run"
    report = go(place, make_claim(seeds=4))
    assert sorted(trial.seed for trial in report.measured) == [0, 2, 3]


def test_claims_share_a_trial(place):
    other = make_claim("another", expect="z < 5", seeds=2)
    assert len(go(place, CLAIM, other).measured) == 3
    assert stands(place, other).state == "refuted"
    assert len(trials_of(other, place.ledger, experiments=place.experiments)) == 2


def test_changed_code_makes_stale_and_is_measured_again(place):
    go(place)
    place.refactor(old="gauss(0, 1)", new="gauss(0, 2.0)")
    verdict = stands(place)
    assert (verdict.state, verdict.was) == ("stale", "supported")
    assert len(go(place).measured) == 3
    assert stands(place).state == "supported"


def test_an_experiment_that_is_gone_leaves_its_claims_stale(place):
    go(place)
    (place.experiments / "draw.py").unlink()
    assert stands(place).state == "stale"
    with pytest.raises(ProbatumError, match="unknown experiment 'draw'"):
        go(place)


FRAGILE = """\
def fragile(*, seed):
    if seed == 1:
        raise ZeroDivisionError(f"no {seed}")
    return {"z": 10.0 + seed}
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failure_is_a_row_and_the_others_stand(place, jobs, monkeypatch):
    place.write("fragile", FRAGILE)
    claim = make_claim(experiment="fragile", parameters={})
    report = go(place, claim, jobs=jobs)
    (failed,) = report.failed
    assert failed.metrics is None
    assert failed.error.splitlines()[0] == "Traceback (most recent call last):"
    assert '  File "fragile.py", line 3, in fragile' in failed.error.splitlines()
    assert failed.error.endswith("ZeroDivisionError: no 1\n")
    assert str(place.experiments) not in failed.error
    assert "1 failed" in report.summary()
    verdict = stands(place, claim)
    assert (verdict.state, verdict.note, verdict.n, verdict.failed) == (
        "not enough info", "1 of 3 seeds failed", 2, 1,
    )  # fmt: skip
    assert go(place, claim, jobs=jobs).measured == ()
    assert [trial.seed for trial in go(place, claim, jobs=jobs, retry_failed=True).measured] == [1]


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("3", "a mapping of names to numbers, not int"),
        ("{'z score': 1}", "metric 'z score'"),
        ("{'z': 'high'}", "could not convert"),
        ("exit(3)", "SystemExit: 3"),
    ],
)
def test_what_is_no_metric_is_a_failure(place, returned, says):
    place.write("odd", f"def odd(*, seed):\n    return {returned}\n")
    (failed,) = go(place, make_claim(experiment="odd", parameters={}, seeds=1)).failed
    assert says in failed.error


def test_wrong_parameters_are_a_failure(place):
    (failed,) = go(place, make_claim(parameters={"shfit": 1}, seeds=1)).failed
    assert "unexpected keyword argument 'shfit'" in failed.error


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("from probatum.errors import CannotRun\n    raise CannotRun('no CIFAR-10 here')", "no CIFAR-10 here"),
        ("from probatum.errors import MissingExtra\n    raise MissingExtra('torch', 'torch')", "probatum[torch]"),
        ("import a_library_of_no_one.part", "the package 'a_library_of_no_one' is not installed"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_cannot_run_here_is_said_and_not_written(place, body, reason, jobs):
    place.write("needy", f"def needy(*, seed):\n    {body}\n")
    claim = make_claim(experiment="needy", parameters={}, seeds=2)
    report = go(place, claim, jobs=jobs)
    assert set(report.cannot_run) == {"needy, seed 0", "needy, seed 1"}
    assert all(reason in said for said in report.cannot_run.values())
    assert "2 cannot run here" in report.summary()
    assert place.ledger.experiments() == []  # not even the expectation: nothing was measured


SKETCH = """\
from probatum.artifacts import attach

def sketch(*, seed):
    attach("a.svg", b"<svg/>")
    return {"z": 9}
"""


def test_artifacts_are_kept(place):
    place.write("sketch", SKETCH)
    (trial,) = go(place, make_claim(experiment="sketch", parameters={}, seeds=1)).measured
    (digest,) = trial.artifacts.values()
    assert place.ledger.artifact("a.svg", digest).read_bytes() == b"<svg/>"


def test_an_expectation_that_changed_after_measuring_says_so_for_ever(place):
    go(place)
    assert not stands(place).expectation_changed
    assert not stands(place, make_claim(expect="z>5.0")).expectation_changed  # only written otherwise
    changed = make_claim(expect="z > 4")
    assert stands(place, changed).expectation_changed
    place.refactor()
    go(place, changed)
    verdict = stands(place, changed)
    assert (verdict.state, verdict.expectation_changed) == ("supported", True)
    place.write("twin", place.experiments.joinpath("draw.py").read_text().replace("def draw", "def twin"))
    moved = make_claim(expect="z > 4", experiment="twin")
    go(place, moved)
    assert stands(place, moved).expectation_changed  # another experiment is no way out


def test_an_expectation_over_known_numbers_says_so(place):
    go(place)
    assert stands(place).note == ""
    late = make_claim("late", expect="z > 9")
    assert stands(place, late).note.endswith(LATE)
    go(place, late)
    assert stands(place, late).note.endswith(LATE)
    assert not stands(place, late).expectation_changed
    place.refactor()
    go(place, CLAIM, late)
    assert stands(place, late).note.endswith(LATE)
    assert stands(place).note == ""


def test_an_expectation_beside_a_shared_trial_is_kept_with_it(place):
    other = make_claim("other", expect="z > 9")
    go(place, beside=[other])
    assert not stands(place, other).note.endswith(LATE)
    go(place, other)
    assert not stands(place, other).note.endswith(LATE)


def test_changes_of_a_verdict_are_recorded(place):
    (change,) = go(place).changes
    assert (change.claim, change.was, change.now) == (CLAIM.name, None, "supported")
    place.refactor(old="gauss(0, 1)", new="gauss(-10, 1)")
    (change,) = go(place).changes
    assert (change.was, change.now) == ("supported", "refuted")
    assert [record["state"] for record in verdicts_of(CLAIM, place.ledger)] == ["supported", "refuted"]


def test_claims_that_cannot_be_run_are_passed_over(place):
    idle = [make_claim("a", experiment=None), make_claim("b", expect=None), make_claim("c", cannot_run="no data")]
    report = go(place, *idle)
    assert (report.measured, report.kept) == ((), 0)
    verdicts = standing(idle, place.ledger, experiments=place.experiments)
    assert [verdict.state for verdict in verdicts.values()] == ["not run", "not run", "cannot run"]


def test_code_edited_during_a_run_ends_it(place):
    def edit(done, total, label):
        if done == 1:
            place.refactor(old="0, 1", new="0, 1.000")

    with pytest.raises(ProbatumError, match="edited since the run began"):
        go(place, progress=edit)
    assert len(place.ledger.trials("draw")) == 1


def test_a_module_edited_after_it_was_loaded_ends_it(place):
    place.write("_pool", "VALUE = 9.0\n")
    place.write("pooled", "import _pool\n\ndef pooled(*, seed):\n    return {'z': _pool.VALUE}\n")
    claim = make_claim(experiment="pooled", parameters={}, seeds=1)
    go(place, claim)
    place.write("_pool", "VALUE = 10.0\n")
    with pytest.raises(ProbatumError, match=r"_pool\.py was edited after this process had loaded it"):
        go(place, claim)


FATAL = """\
import os
import signal
import time
from pathlib import Path

def fatal(*, seed, marker):
    if seed == 8 and not Path(marker).exists():
        Path(marker).write_text("killed once")
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return {"z": 10.0 + seed}
"""


# joblib's workers leave a semaphore behind when one of them is killed, and its resource tracker says so.
@pytest.mark.filterwarnings("ignore:resource_tracker:UserWarning", "ignore:A worker stopped:UserWarning")
def test_a_killed_worker_ends_the_run_and_loses_nothing(place, tmp_path):
    place.write("fatal", FATAL)
    claim = make_claim(experiment="fatal", parameters={"marker": str(tmp_path / "marker")}, seeds=12)
    with pytest.raises(ProbatumError, match="a worker was killed"):
        go(place, claim, jobs=2)
    finished = {trial.seed for trial in place.ledger.trials("fatal")}
    assert finished
    assert 8 not in finished
    report = go(place, claim, jobs=2)
    assert {trial.seed for trial in report.measured} == set(range(12)) - finished
    assert stands(place, claim).state == "supported"
