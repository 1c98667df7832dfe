"""Carrying trials over a refactoring: only where a seed that was measured again gives the same."""

from dataclasses import replace

import pytest
from claim_samples import drawn, make_claim

from probatum.claims.carry import carry
from probatum.claims.run import run
from probatum.claims.standing import standing, trials_of

CLAIM = make_claim()


@pytest.fixture
def measured(place):
    run([CLAIM], place.ledger, experiments=place.experiments)
    return place


def go(place, *claims, **more):
    return carry(claims or [CLAIM], place.ledger, experiments=place.experiments, **more)


def stands(place, claim=CLAIM):
    return standing([claim], place.ledger, experiments=place.experiments)[claim.name]


def test_nothing_is_stale_nothing_is_carried(measured):
    report = go(measured)
    assert (report.probes, report.carried) == ((), ())


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_agrees_is_carried(measured, jobs):
    (old,) = {trial.code for trial in measured.ledger.trials("draw")}
    measured.refactor()
    report = go(measured, jobs=jobs)
    (probe,) = report.probes
    assert probe.agrees
    assert len(report.carried) == 2
    trials = trials_of(CLAIM, measured.ledger, experiments=measured.experiments)
    assert [trial.metrics["z"] for trial in trials] == [drawn(seed, 10) for seed in range(3)]
    assert {trial.seed: trial.carried_from for trial in trials} == {
        seed: None if seed == probe.here.seed else old for seed in range(3)
    }
    verdict = stands(measured)
    assert (verdict.state, verdict.carried_from) == ("supported", old)
    assert run([CLAIM], measured.ledger, experiments=measured.experiments).measured == ()
    assert report.summary() == "2 trials carried over; 1 of 1 probes agree."


def test_what_differs_stays_stale_and_the_probe_is_kept(measured):
    measured.refactor(old="gauss(0, 1)", new="gauss(0, 1.5)")
    report = go(measured)
    assert report.carried == ()
    assert "stays stale: draw, seed" in report.summary()
    verdict = stands(measured)
    assert (verdict.state, verdict.was) == ("stale", "supported")
    size = (measured.ledger.folder / "draw.jsonl").stat().st_size
    assert go(measured).carried == ()  # the probe is not measured again
    assert (measured.ledger.folder / "draw.jsonl").stat().st_size == size
    assert len(run([CLAIM], measured.ledger, experiments=measured.experiments).measured) == 2


def test_a_tolerance_lets_small_differences_pass(measured):
    measured.refactor(old="return {", new="shift += 1e-9\n    return {")
    assert go(measured).carried == ()
    assert len(go(measured, make_claim(tolerance=1e-6)).carried) == 2
    assert len(trials_of(CLAIM, measured.ledger, experiments=measured.experiments)) == 3


def test_a_seed_that_both_codes_measured_is_the_probe(measured):
    measured.refactor()
    run([CLAIM], measured.ledger, experiments=measured.experiments, seeds=[1])
    calls = []
    report = go(measured, progress=lambda *call: calls.append(call))
    assert calls == [(0, 0, "")]
    assert [trial.seed for trial in sorted(report.carried, key=lambda one: one.seed)] == [0, 2]


def test_over_two_refactorings_the_code_that_measured_is_named(measured):
    (old,) = {trial.code for trial in measured.ledger.trials("draw")}
    measured.refactor()
    go(measured)
    measured.refactor(old="0.0, 1.0", new="0, 1.0000")
    report = go(measured)
    assert len(report.carried) == 2
    assert stands(measured).carried_from == old


def test_what_cannot_run_here_stays_stale(measured):
    measured.refactor(old="    time.sleep(wait)", new="    import a_library_of_no_one")
    report = go(measured)
    assert (report.probes, report.carried, len(report.cannot_run)) == ((), (), 1)
    assert "stays stale" in report.summary()
    assert stands(measured).state == "stale"


def test_failures_are_not_carried(measured):
    trial = next(trial for trial in measured.ledger.trials("draw") if trial.seed == 2)
    measured.ledger.add(replace(trial, metrics=None, error="Traceback", started="2999" + trial.started[4:]))
    measured.refactor()
    assert len(go(measured).carried) == 1
    assert stands(measured).state == "stale"


def test_settings_are_carried_each_for_itself(place):
    claims = [CLAIM, make_claim("far", parameters={"shift": 20.0})]
    run(claims, place.ledger, experiments=place.experiments)
    place.refactor(old="return {", new="shift += shift == 20.0\n    return {")
    report = go(place, *claims)
    assert {trial.parameters["shift"] for trial in report.carried} == {10.0}
    assert stands(place, claims[1]).state == "stale"
