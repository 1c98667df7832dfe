"""Pictures of a learning: success, odds on the examples, the Bellman equation and entropy over environment steps.

Each function takes the `history` of a learned policy, columns of equal length with one row an evaluation, and an axis.
Lines differ in dash and mark as well as in colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.result import axis

History = Mapping[str, npt.ArrayLike]
LINES = ("-o", "--s", ":^", "-.D")  # a dash and a mark for each line of a picture
FEW = 40  # evaluations up to which each gets its mark


def success_curve(history: History, ax: Any = None) -> Any:
    """Draw the share of evaluation episodes with success, at any time and at the end; else the return."""
    ax = axis(ax)
    lines = {"at any time": _column(history, "success_ever"), "at the end": _column(history, "success_end")}
    if any(np.isfinite(values).any() for values in lines.values()):
        _draw(history, lines, ax)
        ax.set(ylim=(-0.03, 1.03), ylabel="episodes with success")
    else:  # the environment does not say what success is
        _draw(history, {"return": _column(history, "return")}, ax)
        ax.set_ylabel("return of an episode")
    return ax


def odds_curve(history: History, ax: Any = None) -> Any:
    """Draw the odds C/(1-C) on the examples that are learned from and on those held out, on a log scale."""
    ax = axis(ax)
    lines = {"examples": _column(history, "odds_examples"), "held out": _column(history, "odds_heldout")}
    _draw(history, lines, ax, log=True)
    ax.set_ylabel("odds on success examples")
    return ax


def bellman_curve(history: History, ax: Any = None) -> Any:
    """Draw the mean and the largest w, the odds that are backed up, with the residual of the equation, log scale."""
    ax = axis(ax)
    lines = {"mean w": "mean_w", "largest w": "max_w", "residual": "residual"}
    _draw(history, {label: _column(history, name) for label, name in lines.items()}, ax, log=True)
    ax.set_ylabel("Bellman equation")
    return ax


def entropy_curve(history: History, ax: Any = None) -> Any:
    """Draw the entropy of the policy's actions, in nats."""
    ax = axis(ax)
    _draw(history, {"entropy": _column(history, "entropy")}, ax)
    ax.set_ylabel("entropy of an action (nats)")
    return ax


def pictures(history: History) -> Mapping[str, Callable[[Any], Any]]:
    """Return the pictures for which the history has numbers, by their captions."""
    offered: dict[str, tuple[Callable[[History, Any], Any], tuple[str, ...]]] = {
        "Success of the greedy policy, by environment step": (
            success_curve,
            ("success_ever", "success_end", "return"),
        ),
        "Odds on the success examples, learned from and held out": (odds_curve, ("odds_examples", "odds_heldout")),
        "Odds that are backed up (w), and what is left of the Bellman equation": (
            bellman_curve,
            ("mean_w", "max_w", "residual"),
        ),
        "Entropy of the policy": (entropy_curve, ("entropy",)),
    }
    return {
        caption: _drawing(draw, history)
        for caption, (draw, columns) in offered.items()
        if any(np.isfinite(_column(history, name)).any() for name in columns)
    }


def _drawing(draw: Callable[[History, Any], Any], history: History) -> Callable[[Any], Any]:
    return lambda ax: draw(history, ax)


def _column(history: History, name: str) -> npt.NDArray[np.float64]:
    """A column that is missing is one that is nowhere defined."""
    return np.asarray(history.get(name, np.full(np.shape(history["steps"]), np.nan)), np.float64)


def _draw(history: History, lines: Mapping[str, npt.NDArray[np.float64]], ax: Any, *, log: bool = False) -> None:
    """Draw what is defined of each line; on a log scale, what is above 0."""
    steps = _column(history, "steps")
    drawn = 0
    for number, (label, values) in enumerate(lines.items()):
        shown = np.isfinite(values) & (values > 0 if log else True)
        if shown.any():
            style = LINES[number] if len(steps) <= FEW else LINES[number][:-1]
            ax.plot(steps[shown], values[shown], style, color=f"C{number}", markersize=4, label=label)
            drawn += 1
    if not drawn:
        ax.text(0.5, 0.5, "nothing was measured", transform=ax.transAxes, ha="center", va="center")
        ax.set(xticks=[], yticks=[])
        return
    if log:
        _log_scale(ax)
    ax.set_xlabel("environment steps")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    if drawn > 1:
        ax.legend(loc="best", fontsize="small")


def _log_scale(ax: Any) -> None:
    """Plain numbers at 1, 2 and 5 of each power of ten: a page shows no mathematics, and some ranges hold no power."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high > 1_000 * low else (1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
