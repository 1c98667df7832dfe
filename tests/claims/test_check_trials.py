"""Checking recorded trials: agreement, disagreement, budget, and that the ledger is left alone."""

from dataclasses import replace

import pytest
from claim_samples import make_claim

from probatum.claims.check import check
from probatum.claims.comparing import differences
from probatum.claims.run import run

CLAIM = make_claim()


def go(place, *claims, budget=60.0, **more):
    return check(claims or [CLAIM], place.ledger, budget, experiments=place.experiments, **more)


@pytest.fixture
def measured(place):
    run([CLAIM], place.ledger, experiments=place.experiments)
    return place


def ledger_bytes(place):
    return {path.name: path.read_bytes() for path in place.ledger.folder.rglob("*") if path.is_file()}


def spoil(place, seed, **metrics):
    """Record another result under the same key, as a machine with other libraries would have."""
    trial = next(trial for trial in place.ledger.trials("draw") if trial.seed == seed)
    place.ledger.add(replace(trial, metrics=metrics, started="2999" + trial.started[4:]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_agrees(measured, jobs):
    before, calls = ledger_bytes(measured), []
    report = go(measured, jobs=jobs, progress=lambda *call: calls.append(call))
    assert [one.recorded.seed for one in report.agreed] == [0, 1, 2]
    assert (report.disagreed, report.cannot_run, report.not_reached) == ((), (), ())
    assert report.summary() == "3 of 3 trials measured again agree."
    assert calls[-1][:2] == (3, 3)
    assert ledger_bytes(measured) == before


def test_what_disagrees_is_shown(measured):
    spoil(measured, 1, z=11.0, extra=3.0)
    report = go(measured)
    (wrong,) = report.disagreed
    here = wrong.here.metrics["z"]
    assert [(one.metric, one.recorded, one.here) for one in wrong.differences] == [
        ("extra", 3.0, None), ("z", 11.0, here),
    ]  # fmt: skip
    assert f"draw, seed 1: extra was 3.0, is absent, z was 11.0, is {here!r}" in report.summary()
    assert report.summary().startswith("2 of 3 trials")


def test_tolerance_is_the_strictest_claims(measured):
    trial = next(trial for trial in measured.ledger.trials("draw") if trial.seed == 0)
    spoil(measured, 0, z=trial.metrics["z"] + 0.01)
    assert go(measured, make_claim(tolerance=0.02)).disagreed == ()
    assert len(go(measured).disagreed) == 1
    assert len(go(measured, make_claim(tolerance=0.02), make_claim("strict", tolerance=0.001)).disagreed) == 1


def test_stale_trials_are_compared_and_say_so(measured):
    measured.refactor()
    report = go(measured)
    assert len(report.agreed) == 3
    assert all(one.stale for one in report.agreed)
    measured.refactor(old="0.0, 1.0", new="0.0, 9.0")
    assert "draw, seed 0 (recorded under other code): z was" in go(measured).summary()


def test_what_raises_here_disagrees(measured):
    measured.refactor(old="return", new="raise ValueError('broken')\n    return")
    assert "draw, seed 2 (recorded under other code): raised here: ValueError: broken" in go(measured).summary()


def test_what_cannot_run_here_and_what_is_gone(measured):
    measured.refactor(old="    time.sleep(wait)", new="    import a_library_of_no_one")
    report = go(measured)
    assert (len(report.cannot_run), report.remeasured) == (3, ())
    assert "3 cannot run here (the package 'a_library_of_no_one' is not installed)" in report.summary()
    (measured.experiments / "draw.py").unlink()
    assert {reason for _, reason in go(measured).cannot_run} == {"its experiment is gone"}


def test_failed_trials_and_claims_without_trials_are_passed_over(measured):
    spoil_free = make_claim("other", parameters={"shift": 1.0})
    measured.write("broken", "def broken(*, seed):\n    raise ValueError\n")
    broken = make_claim("broken", experiment="broken", parameters={})
    run([broken], measured.ledger, experiments=measured.experiments)
    report = go(measured, spoil_free, broken)
    assert (report.remeasured, report.cannot_run, report.not_reached) == ((), (), ())


def test_each_setting_comes_once_before_second_seeds(place):
    claims = [make_claim("fast"), make_claim("slow", parameters={"shift": 20.0, "wait": 0.02})]
    run(claims, place.ledger, experiments=place.experiments)
    for trial in place.ledger.trials("draw"):  # as recorded on a machine where the times were these
        wall = (0.01 if trial.parameters["shift"] == 10.0 else 5.0) + trial.seed / 1000
        place.ledger.add(replace(trial, wall_seconds=wall, started="2999" + trial.started[4:]))
    order = []
    report = go(place, *claims, progress=lambda done, total, label: order.append(label))
    assert order[1:] == ["draw, seed 0", "draw, seed 0", "draw, seed 1", "draw, seed 1", "draw, seed 2", "draw, seed 2"]
    assert len(report.agreed) == 6
    short = go(place, *claims, budget=1.0)
    assert [one.recorded.parameters["shift"] for one in short.agreed] == [10.0] * 3
    assert len(short.not_reached) == 3
    assert "3 not reached within the budget" in short.summary()
    assert len(go(place, *claims, budget=0.0).not_reached) == 6


@pytest.mark.parametrize(
    ("recorded", "here", "tolerance", "names"),
    [
        ({"z": 1.0}, {"z": 1.0}, 0.0, []),
        ({"z": 1.0}, {"z": 1.0 + 2**-52}, 0.0, ["z"]),
        ({"z": 1.0}, {"z": 1.1}, 0.2, []),
        ({"z": float("nan")}, {"z": float("nan")}, 0.0, []),
        ({"z": float("inf")}, {"z": float("inf")}, 0.0, []),
        ({"z": float("inf")}, {"z": 1.0}, 9.0, ["z"]),
        ({"z": float("nan")}, {"z": 1.0}, 9.0, ["z"]),
        ({"z": 1.0, "a": 1.0}, {"z": 1.0, "b": 1.0}, 9.0, ["a", "b"]),
    ],
)
def test_comparing(recorded, here, tolerance, names):
    assert [one.metric for one in differences(recorded, here, tolerance)] == names
