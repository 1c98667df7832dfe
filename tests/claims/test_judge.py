"""The judge's rule, case by case."""

import math
from dataclasses import replace

import pytest
from claim_samples import make_claim, make_trial
from hypothesis import given
from hypothesis import strategies as st

from probatum.claims.judge import judge


def trials(*values, code="new", **more):
    return [
        make_trial(seed, None if value is None else {"z": value, "p": 0.5}, code=code, **more)
        for seed, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "expect", "state"),
    [
        ((9, 10, 11), "z > 5", "supported"),
        ((9, 10, 11), "z < 5", "refuted"),
        ((9, 10, 11), "z > 10", "not enough info"),
        ((10, 10, 10), "z >= 10", "supported"),
        ((10, 10, 10), "z > 10", "refuted"),
        ((9, 10, 11), "z > 5 and p < 1", "supported"),
        ((9, 10, 11), "z > 5 and p > 1", "refuted"),
        ((9, 10, 11), "z > 10 and p < 1", "not enough info"),
        ((9, 10, 11), "z > 10 and p > 1", "refuted"),
        ((9, None, 11), "z > 5", "not enough info"),
        ((9, 10), "z > 5", "not run"),
        ((), "z > 5", "not run"),
        ((9, 10, math.inf), "z > 5", "not enough info"),
        ((9, 10, 11), "q > 5", "not enough info"),
    ],
)
def test_states(values, expect, state):
    assert judge(make_claim(expect=expect), trials(*values), code="new").state == state


def test_numbers_stand_in_the_verdict():
    verdict = judge(make_claim(), trials(9, 10, 11), code="new", expectation_changed=True)
    assert (verdict.claim, verdict.expression, verdict.measured) == ("entry/it-holds", "z", 10)
    assert (verdict.n, verdict.failed, verdict.seeds, verdict.expect) == (3, 0, 3, "z > 5")
    assert (verdict.low, verdict.high) == pytest.approx((7.51586, 12.48414))
    assert verdict.expectation_changed
    assert verdict.note == ""


def test_what_lacks_is_said():
    say = lambda claim, given: judge(claim, given, code="new").note  # noqa: E731
    assert say(make_claim(), trials(9, None, None)) == "2 of 3 seeds failed"
    assert say(make_claim(), trials(9, 10)) == "2 of 3 seeds run"
    assert say(make_claim(), trials(9, 10, math.nan)) == "z is nan with seed 2"
    assert say(make_claim(expect="q > 5"), trials(9, 10, 11)) == "the experiment measures no 'q'"
    assert say(make_claim(seeds=1), trials(9)) == "one seed gives no interval"
    assert say(make_claim(experiment=None, expect=None, cannot_run="no data"), []) == "no data"


def test_failed_seeds_are_counted_and_the_rest_is_shown():
    verdict = judge(make_claim(), trials(9, None, 11), code="new")
    assert (verdict.n, verdict.failed, verdict.measured) == (2, 1, 10)
    assert verdict.terms[0].state == "not enough info"


@pytest.mark.parametrize(("value", "state"), [(6, "supported"), (5, "refuted"), (4, "refuted")])
def test_a_recomputation_is_decided_by_its_value(value, state):
    verdict = judge(make_claim(question="recompute", seeds=1), trials(value), code="new")
    assert (verdict.state, verdict.low, verdict.high, verdict.n) == (state, value, value, 1)


def test_one_seed_decides_nothing_else():
    verdict = judge(make_claim(seeds=1), trials(9), code="new")
    assert (verdict.state, verdict.measured, verdict.low) == ("not enough info", 9, None)


def test_without_experiment_or_expectation_nothing_is_run():
    assert judge(make_claim(experiment=None), [], code=None).state == "not run"
    assert judge(make_claim(expect=None), trials(9, 10, 11), code="new").state == "not run"
    assert judge(make_claim(experiment=None, cannot_run="x"), [], code=None).state == "cannot run"


def test_other_code_makes_it_stale():
    old = trials(9, 10, 11, code="old")
    verdict = judge(make_claim(), old, code="new")
    assert (verdict.state, verdict.was, verdict.measured) == ("stale", "supported", 10)
    assert judge(make_claim(), old, code=None).state == "stale"
    partly = judge(make_claim(), [*old, *trials(1, 1)], code="new")
    assert (partly.state, partly.was, partly.measured) == ("stale", "supported", 10)
    assert judge(make_claim(), [*old, *trials(1, 2, 3)], code="new").state == "refuted"
    assert judge(make_claim(), old[:2], code="new").note == "0 of 3 seeds run"


def test_of_two_older_codes_the_last_counts():
    older = [replace(trial, started="2025" + trial.started[4:]) for trial in trials(1, 2, 3, code="older")]
    assert judge(make_claim(), [*trials(9, 10, 11, code="old"), *older], code="new").was == "supported"


def test_carried_trials_say_so():
    assert judge(make_claim(), trials(9, 10, 11, carried_from="old"), code="new").carried_from == "old"


values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6)


@given(values, st.floats(-1e6, 1e6), st.floats(1, 100))
def test_a_wider_interval_never_decides_more(measured, bound, factor):
    middle = sum(measured) / len(measured)
    wider = [middle + (value - middle) * factor for value in measured]
    claim = make_claim(expect=f"z > {bound!r}", seeds=len(measured))
    narrow = judge(claim, trials(*measured), code="new")
    wide = judge(claim, trials(*wider), code="new")
    room = 1e-6 * max(1, abs(bound), *map(abs, wider))  # rounding may move an end by so much
    if narrow.low is None or wide.low is None or min(abs(narrow.low - bound), abs(narrow.high - bound)) < room:
        return
    assert (narrow.state, wide.state) not in {
        ("refuted", "supported"), ("supported", "refuted"),
        ("not enough info", "supported"), ("not enough info", "refuted"),
    }  # fmt: skip


@given(st.permutations(range(4)), values.filter(lambda found: len(found) >= 4))
def test_the_order_of_trials_is_nothing(order, measured):
    given_trials = trials(*measured[:4])
    claim = make_claim(seeds=4)
    assert judge(claim, [given_trials[place] for place in order], code="new") == judge(claim, given_trials, code="new")
