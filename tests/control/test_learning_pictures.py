import matplotlib
import numpy as np
import pytest
from learned_by_hand import history

from probatum.control.learning_pictures import (
    bellman_curve,
    entropy_curve,
    odds_curve,
    pictures,
    success_curve,
)
from probatum.report.picture import svg

matplotlib.use("Agg")


@pytest.fixture
def ax():
    from matplotlib.figure import Figure

    return Figure().add_subplot()


def lines(ax):
    return {line.get_label(): np.asarray(line.get_ydata()).tolist() for line in ax.get_lines()}


def test_success_is_drawn_at_any_time_and_at_the_end(ax):
    assert success_curve(history(success_end=0.25), ax) is ax
    assert lines(ax) == {"at any time": [0, 0.5, 1], "at the end": [0.25, 0.25, 0.25]}
    assert ax.get_ylim()[1] == pytest.approx(1.03)


def test_returns_stand_in_for_unknown_success(ax):
    success_curve(history(success_ever=np.nan, success_end=np.nan), ax)
    assert lines(ax) == {"return": [0, 5, 10]}


def test_lines_differ_in_dash_and_mark_as_well_as_in_colour(ax):
    bellman_curve(history(), ax)
    styles = [(line.get_linestyle(), line.get_marker(), line.get_color()) for line in ax.get_lines()]
    assert len(styles) == 3
    for one in zip(*styles, strict=True):
        assert len(set(one)) == 3


def test_what_has_no_logarithm_is_left_out(ax):
    odds_curve(history(odds_examples=(0.0, 3.0, 30.0), odds_heldout=np.nan), ax)
    assert lines(ax) == {"examples": [3, 30]}
    assert ax.get_yscale() == "log"
    assert ax.get_legend() is None  # a single line needs none


def test_nothing_measured_is_said(ax):
    entropy_curve(history(entropy=np.nan), ax)
    assert [text.get_text() for text in ax.texts] == ["nothing was measured"]


def test_only_what_was_measured_has_a_picture():
    assert len(pictures(history())) == 4
    values = history(odds_examples=np.nan, odds_heldout=np.nan, entropy=np.nan)
    assert [caption.partition(" ")[0] for caption in pictures(values)] == ["Success", "Odds"]
    assert list(pictures({"steps": [1.0], "return": [2.0]})) == ["Success of the greedy policy, by environment step"]


@pytest.mark.parametrize("odds", [(11.0, 12.0, 19.0), (0.001, 1.0, 1e6), (5.0, 5.0, 5.0)])
def test_numbers_of_a_log_scale_are_plain(odds):
    drawn = svg(
        pictures(history(odds_examples=odds, odds_heldout=odds))[
            "Odds on the success examples, learned from and held out"
        ],
        id="p",
        seen=set(),
    )
    assert "mathdefault" not in drawn


def test_many_evaluations_are_a_line_without_marks(ax):
    count = np.linspace(0, 1, 60)
    success_curve(history(count), ax)
    assert {line.get_marker() for line in ax.get_lines()} == {"None"}
