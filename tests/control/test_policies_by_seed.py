import matplotlib
import numpy as np
import pytest
from learned_by_hand import policy

from probatum.control.interquartile_mean import interquartile_mean
from probatum.control.policies_by_seed import policies_by_seed
from probatum.control.stratified_bootstrap import stratified_interval
from probatum.errors import ProbatumError
from probatum.report import report_html

matplotlib.use("Agg")
LAST = (1.0, 0.9, 0.4, 0.8, 0.9, 0.7)


def several(last=LAST, **others):
    return [policy(seed, (0.0, 0.2, one), **others) for seed, one in enumerate(last)]


def test_means_and_intervals_are_those_of_the_last_evaluation():
    found = policies_by_seed(several(), seed=3)
    ever = found.score("success_ever")
    assert ever.iqm == interquartile_mean(LAST) == pytest.approx((0.7 + 0.8 + 0.9 + 0.9) / 4)
    assert (ever.low, ever.high) == stratified_interval([LAST], seed=3)
    assert (ever.mean, ever.median) == (pytest.approx(np.mean(LAST)), pytest.approx(0.85))
    assert (ever.least, ever.most) == (0.4, 1.0)
    assert ever.last == LAST
    assert found.score("return").iqm == pytest.approx(10 * ever.iqm)


def test_curves_have_a_mean_and_an_interval_at_each_evaluation():
    found = policies_by_seed(several())
    assert found.steps == (1_000, 2_000, 3_000)
    assert found.scores[0].by_step[0] == (0, 0, 0)
    assert found.scores[0].by_step[-1] == (found.scores[0].iqm, found.scores[0].low, found.scores[0].high)
    assert found.scores[0].by_seed[2] == (0.0, 0.2, 0.4)


def test_every_seed_has_its_row():
    found = policies_by_seed(several())
    assert found.seeds == (0, 1, 2, 3, 4, 5)
    assert [run.success_end for run in found.runs] == list(LAST)
    assert found.runs[0].returns == 10
    assert found.runs[0].health.startswith("healthy: success in 100%")


def test_the_sentence_says_it_all():
    said = policies_by_seed(several()).summary()
    assert said.startswith(
        "6 seeds of rce on probatum/PointRoom-v0, 3,000 steps: success at any time of an episode 0.8"
    )
    assert said.endswith("(interquartile means, 95 % intervals); 6 of 6 runs look healthy")


def test_seeds_that_are_not_well_are_told_apart():
    policies = [*several()[:5], policy(5, (0.0, 0.9, 0.1, 0.1)[-3:], warnings=("examples stand apart",))]
    found = policies_by_seed(policies)
    assert "5 of 6 runs look healthy" in found.summary()
    assert any(line.startswith("seed 5: the policy lost what it could do") for line in found.warnings)
    assert "examples stand apart" in found.warnings
    assert not any("few" in line for line in found.warnings)


def test_a_warning_that_the_diagnostics_gave_is_said_once():
    from probatum.control.health import policy_alarms

    ill = policy(1, (0.9, 0.1, 0.1))
    again = policy(1, (0.9, 0.1, 0.1), warnings=policy_alarms(ill))
    assert sum("lost" in line for line in policies_by_seed([policy(0), again]).warnings) == 1


def test_few_seeds_and_seeds_without_spread_are_warned_of():
    said = policies_by_seed([policy(0), policy(1)]).warnings
    assert any("2 seeds are few" in line for line in said)
    assert any("all seeds have success at any time of an episode 1: the interval has no width" in line for line in said)


def test_without_success_the_return_is_the_score():
    found = policies_by_seed(several(success_ever=np.nan, success_end=np.nan))
    assert [one.score for one in found.scores] == ["return"]
    assert "return of an episode 8.2" in found.summary()
    with pytest.raises(ProbatumError, match="no score 'success_end' was measured; there is return"):
        found.score("success_end")


def test_equal_policies_give_equal_numbers_and_a_report():
    first, second = policies_by_seed(several()), policies_by_seed(several())
    assert first == second
    page = report_html(first, title="Seeds", facts={}, code="")
    assert page == report_html(second, title="Seeds", facts={}, code="")
    assert page.count("<figure>") == 3
    assert "single seeds" in page


def test_a_single_evaluation_can_be_drawn():
    policies_by_seed([policy(seed, (0.5,)) for seed in range(3)]).plot()


def test_the_environment_is_named_with_its_options():
    where = {"id": "Meta-World/MT1", "name": "drawer-close-v3", "options": {"seed": 3}}
    found = policies_by_seed(several(environment=where))
    assert found.environment == "Meta-World/MT1 drawer-close-v3 (seed=3)"


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ([policy(0)], "1 policies: give those of at least two seeds"),
        ([policy(0), policy(0)], "seed 0 stands 2 times"),
        ([policy(0), policy(1, method="sqil")], "policies 0 and 1 differ in their method, 'rce' and 'sqil'"),
        ([policy(0), policy(1, environment={"id": "Other-v0"})], "differ in their environment"),
        ([policy(0), policy(1, (0.0, 1.0))], "evaluated at different steps, 3 and 2 times"),
        ([policy(0, ()), policy(1, ())], "no policy was evaluated"),
        (
            [policy(s, success_ever=np.nan, success_end=np.nan, **{"return": np.nan}) for s in (0, 1)],
            "nothing was measured",
        ),
    ],
)
def test_what_cannot_stand_side_by_side_is_refused(policies, says):
    with pytest.raises(ProbatumError, match=says):
        policies_by_seed(policies)
