import numpy as np
import pytest
from learned_by_hand import history, policy

from probatum.control.health import HEALTHY, health, policy_alarms, policy_health


def line(**columns):
    """The first sentence about a run that is well but for these columns."""
    ever = columns.pop("ever", (0.0, 0.5, 1.0))
    return health(history(ever, **columns))[0]


def test_a_run_that_goes_well_is_healthy_and_says_by_which_numbers():
    said = health(history())
    assert said == ("healthy: success in 100% of the episodes, odds on the examples 30, held out 28, mean w 0.8",)


def test_policies_are_judged_with_their_own_spaces():
    assert policy_health(policy())[0].startswith(HEALTHY)
    assert policy_alarms(policy()) == ()
    assert policy_alarms(policy(ever=(0.9, 0.2, 0.1)))[0].startswith("the policy lost")
    narrow = {"ever": (0.0, 0.0, 0.0), "entropy": -6.0, "odds_examples": 3.0, "odds_heldout": 3.0}
    assert not any("collapsed" in said for said in policy_alarms(policy(**narrow)))  # 2 numbers of -3 nats
    assert any("collapsed" in said for said in policy_alarms(policy(**narrow | {"entropy": -8.1})))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"odds_examples": 700.0, "ever": (0.0, 0.0, 0.0), "max_w": 40.0}, "the buffer has not met the success region"),
        ({"odds_examples": 100.0, "ever": (0.0, 0.0, 0.0), "max_w": 1.0}, "the buffer has not met the success region"),
        ({"odds_examples": 9_000.0, "max_w": 40.0}, "the buffer has met no states like the examples"),
        ({"odds_examples": 900.0, "max_w": 2.0}, "the buffer has met no states like the examples"),
        ({"mean_w": 70.0}, "odds diverge: the mean of w is 70"),
        ({"odds_examples": 100.0, "odds_heldout": 5.0}, "the examples are known by heart: odds are 100 on them and 5"),
        ({"twin_disagreement": 3.0}, "the twin classifiers disagree: their odds differ 20-fold"),
        ({"ever": (0.9, 0.2, 0.1)}, "the policy lost what it could do: success was 90% at step 1,000 and is 10% now"),
        ({"ever": (0.0, 0.0, 0.0), "entropy": -4.5}, "the policy collapsed: the entropy of an action is -4.5 nats"),
        ({"ever": (0.0, 0.0, 0.0)}, "no success yet after 2,500 updates, though nothing looks wrong"),
        ({"ever": (0.0, 0.0, 0.0), "updates": (1e4, 2e4, 3e4)}, "no success after 30,000 updates"),
        ({"updates": (10.0, 20.0, 30.0)}, "too early to say: 30 updates"),
        ({"critic_loss": (1.0, 2.0, np.nan)}, "the numbers broke: critic_loss is nan at step 3,000"),
        ({"mean_w": (1.0, np.inf, 2.0)}, "the numbers broke: mean_w is inf at step 2,000"),
    ],
)
def test_what_is_wrong_is_said(columns, says):
    assert line(**columns).startswith(says)


@pytest.mark.parametrize(
    "columns",
    [
        {"odds_examples": 290.0, "odds_heldout": 250.0},  # the largest seen where success was met
        {"mean_w": 36.0, "max_w": 150.0},
        {"twin_disagreement": 1.16},
        {"odds_heldout": 13.0},
        {"ever": (0.4, 0.1, 0.0)},  # it never could do it
        {"ever": (0.9, 0.1, 0.8)},  # one poor evaluation is no loss
        {"entropy": -9.0},  # narrow and successful
    ],
)
def test_what_was_seen_in_runs_that_learned_is_no_alarm(columns):
    assert line(**columns).startswith(HEALTHY)


def test_all_that_is_wrong_is_said_gravest_first():
    said = health(history((0.9, 0.2, 0.1), mean_w=80.0, twin_disagreement=4.0))
    assert [one.partition(":")[0] for one in said] == [
        "odds diverge",
        "the twin classifiers disagree",
        "the policy lost what it could do",
    ]


def test_a_policy_that_passes_through_success_is_healthy_with_a_word():
    assert "(at the end of 10%: the policy does not stay there)" in line(success_end=0.1)
    assert "stay" not in line(success_end=0.9)


def test_methods_are_judged_by_their_own_measure():
    """SQIL has w within 1, and large odds on the examples even where all is well."""
    columns = history((0.0, 0.0, 0.1), odds_examples=5_000.0, odds_heldout=5_000.0, max_w=0.95)
    assert health(columns, method="sqil")[0].startswith(HEALTHY)
    never = history((0.0, 0.0, 0.0), odds_examples=30_000.0, odds_heldout=30_000.0, max_w=0.95)
    said = health(never, method="sqil")[0]
    assert said.startswith("the buffer has not met the success region yet: odds are 30,000 on the examples; give")


def test_values_are_not_judged_as_odds():
    """A method with a reward has no odds, and its values may be large and far apart."""
    columns = history(odds_examples=np.nan, odds_heldout=np.nan, mean_w=500.0, twin_disagreement=40.0)
    assert health(columns, method="vice") == ("healthy: success in 100% of the episodes, mean w 500",)


def test_a_choice_is_narrow_by_its_own_measure():
    columns = history((0.0, 0.0, 0.0), entropy=0.01)
    assert any("collapsed" in said for said in health(columns, choices=5))
    assert not any("collapsed" in said for said in health(history((0.0, 0.0, 0.0), entropy=0.1), choices=5))


def test_what_is_not_measured_is_not_judged():
    few = {name: history()[name] for name in ("steps", "updates")}
    assert health(few) == ("healthy: nothing that was measured looks wrong",)
    assert health(few | {"success_ever": np.full(3, np.nan)})[0].startswith(HEALTHY)
    assert health({}) == ("too early to say: 0 updates; success seldom begins before 1,000",)
    assert health({"steps": [], "updates": []})[0].startswith("too early")


def test_unknown_success_does_not_hide_a_buffer_without_success():
    assert line(success_ever=np.nan, odds_examples=700.0).startswith("the buffer has not met")
