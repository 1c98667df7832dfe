"""Is a policy learning soundly? Its diagnostics put into words, with what to do where something is wrong.

Each threshold says where it comes from: runs of RCE (Eysenbach, Levine, Salakhutdinov 2021) that went well and runs
that did not, or a reason of its own. They are signs, no proofs; what a method does not measure is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from probatum.control.learned_policy import LearnedPolicy

HEALTHY, EARLY = "healthy", "too early to say"

FIRST_UPDATES = 1_000
"""On the easiest Meta-World task tried (drawer-close) success began after 1,000 to 3,000 updates."""
LARGEST_MEAN_W = 50.0
"""The mean of w was up to 3.7 on Meta-World and up to 36 in the point room in runs that learned, and about 70 in one
that blew up. The largest w says less: it is as large in runs that learn."""
UNMET_RATIO = 20.0
"""Odds on the examples by the largest w, that of the best of a batch of states met. In 18 trainings by RCE in the point
room it was 0.4 to 4 where one in 20 of the states met was like them, and mostly 5 to a million where none was."""
UNMET_THOUGH_SUCCESS = 400.0
"""The same where the environment counts successes, which may be others than the examples show: never beyond 330 in the
94 evaluations with sound examples, and beyond 400 in 19 of 36 with examples that lay outside the room."""
UNMET_ODDS = {"rce": 500.0, "sqil": 10_000.0}
"""Odds on the examples. RCE on Meta-World: 14 to 290 in runs that met success, 1,000 to 10,000 in those that did not.
SQIL, whose label on examples is 1 for ever, in the point room: up to 5,300, and 3,000 to 380,000."""
BY_HEART = 10.0
"""Examples held out are of the same kind, so their odds should be much the same: 0.4 to 1.9 times in the point room."""
LEAST_ENTROPY = -4.0
"""Nats for each number of an action, which is then as good as fixed, mostly at a limit, where tanh has no slope left.
In the point room runs below it failed or passed through the goal; with a larger weight of the entropy they stayed."""
LOST = 0.5
"""Less than half as often as at its best: of 10 episodes with a rate of 0.8, 4 or fewer succeed by chance in fewer than
1 of 100 evaluations."""
TWINS = float(np.log(10.0))
"""Odds ten-fold apart: the twins see the same data and targets, and were within 3.2-fold in the point room."""
LONG = 20_000
"""Updates within which the easy tasks were solved several times over, and none of the harder ones."""

Floats = npt.NDArray[np.float64]
History = Mapping[str, npt.ArrayLike]


def health(history: History, *, method: str = "rce", actions: int = 1, choices: int | None = None) -> tuple[str, ...]:
    """Return what the diagnostics say, gravest first; a single sentence that starts with "healthy" if all is well.

    `history`: the columns of `LearnedPolicy.history`, of equal length, one row an evaluation; a missing column, or one
    of NaN, is not judged. `method`: how it learned. `actions`: how many numbers an action has; `choices`: how many
    discrete actions there are to choose from, None for continuous ones.
    """
    columns = _Columns(history)
    return tuple(_alarms(columns, method, actions, choices)) or (_well(columns),)


def policy_health(policy: LearnedPolicy) -> tuple[str, ...]:
    """Return what a policy's diagnostics say; see `health`."""
    spaces = policy.spaces
    return health(
        policy.history,
        method=policy.method,
        actions=spaces.action,
        choices=spaces.action if spaces.discrete else None,
    )


def policy_alarms(policy: LearnedPolicy) -> tuple[str, ...]:
    """Return only what is not well with a policy, or cannot be told yet."""
    return tuple(line for line in policy_health(policy) if not line.startswith(HEALTHY))


@final
@dataclass(frozen=True)
class _Columns:
    """A history whose columns are all there: NaN where nothing was measured."""

    history: History

    def __getitem__(self, name: str) -> Floats:
        steps = np.asarray(self.history.get("steps", ()), np.float64)
        return np.asarray(self.history.get(name, np.full(len(steps), np.nan)), np.float64)

    def last(self, name: str) -> float:
        values = self[name]
        return float(values[-1]) if len(values) else float("nan")

    def recent(self) -> Floats:
        """Success at the last two evaluations that tell it."""
        values = self["success_ever"]
        return values[np.isfinite(values)][-2:]


def _alarms(columns: _Columns, method: str, actions: int, choices: int | None) -> Iterator[str]:
    broken = tuple(_broken(columns))
    if broken:
        yield from broken
    elif not (updates := columns.last("updates")) >= FIRST_UPDATES:
        yield f"{EARLY}: {0 if np.isnan(updates) else updates:,.0f} updates; success seldom begins before 1,000"
    else:
        said = (*_odds(columns, method), *_policy(columns, actions, choices))
        yield from said or _slow(columns)


def _broken(columns: _Columns) -> Iterator[str]:
    """Numbers that were there and no longer are."""
    for name in ("critic_loss", "mean_w", "residual", "odds_examples", "entropy"):
        values = columns[name]
        if np.isinf(values).any() or (len(values) and np.isnan(values[-1]) and np.isfinite(values).any()):
            place = int(np.flatnonzero(~np.isfinite(values))[-1])
            yield (
                f"the numbers broke: {name} is {values[place]:g} at step {columns['steps'][place]:,.0f}; look for huge "
                "values in observations and examples, and lower the learning rate"
            )


def _odds(columns: _Columns, method: str) -> Iterator[str]:
    examples, held_out = columns.last("odds_examples"), columns.last("odds_heldout")
    if np.isnan(examples):  # critics that learn values: what is called w is a value, and has no measure
        return
    if (mean_w := columns.last("mean_w")) > LARGEST_MEAN_W:
        yield (
            f"odds diverge: the mean of w is {_number(mean_w)} (at most 36 in runs that learned); give a longer "
            "warmup, a lower discount or a lower learning rate"
        )
    yield from _unmet(columns, method, examples)
    if held_out * BY_HEART < examples:
        yield (
            f"the examples are known by heart: odds are {_number(examples)} on them and {_number(held_out)} on those "
            "held out; give more examples, or smaller networks"
        )
    if (apart := columns.last("twin_disagreement")) > TWINS:
        yield (
            f"the twin classifiers disagree: their odds differ {np.exp(min(apart, 50.0)):,.0f}-fold on average; more "
            "updates or a lower learning rate bring them together"
        )


def _unmet(columns: _Columns, method: str, examples: float) -> Iterator[str]:
    best = columns.last("max_w")
    ratio = examples / best if method == "rce" and best > 0 else float("nan")  # w of others is no odds
    beside = f" and at most {_number(best)} on states that were met" if method == "rce" else ""
    met = bool((columns["success_ever"] > 0).any())
    if not met and (ratio > UNMET_RATIO or examples > UNMET_ODDS.get(method, np.inf)):
        yield (
            f"the buffer has not met the success region yet: odds are {_number(examples)} on the examples{beside}; "
            "give a longer warmup or more steps, and look whether states like the examples can be reached at all"
        )
    elif ratio > UNMET_THOUGH_SUCCESS or examples > 10 * UNMET_ODDS.get(method, np.inf):
        yield (
            "the buffer has met no states like the examples, although the environment counts successes: odds are "
            f"{_number(examples)} on the examples{beside}; look in which columns the examples differ from what can be "
            "reached"
        )


def _policy(columns: _Columns, actions: int, choices: int | None) -> Iterator[str]:
    success, recent = columns["success_ever"], columns.recent()
    best = float(np.nanmax(success)) if np.isfinite(success).any() else float("nan")
    if best >= LOST and len(recent) == 2 and (recent < LOST * best).all():
        when = columns["steps"][int(np.nanargmax(success))]
        yield (
            f"the policy lost what it could do: success was {best:.0%} at step {when:,.0f} and is {recent[-1]:.0%} "
            "now; look at more seeds, and at a lower learning rate"
        )
    entropy = columns.last("entropy")
    least = LEAST_ENTROPY * actions if choices is None else 0.01 * float(np.log(choices))
    if entropy < least and not recent.any():
        yield (
            f"the policy collapsed: the entropy of an action is {entropy:.2g} nats, so it tries nothing new, and it "
            "does not succeed; give the entropy more weight, 0.01 to 0.1"
        )


def _slow(columns: _Columns) -> Iterator[str]:
    success, updates = columns["success_ever"], columns.last("updates")
    if np.isfinite(success).any() and not np.nanmax(success) > 0:
        yield (
            f"no success yet after {updates:,.0f} updates, though nothing looks wrong; easy tasks took a few thousand, "
            "harder ones take hundreds of thousands"
            if updates < LONG
            else f"no success after {updates:,.0f} updates, and the diagnostics do not say why: a task as hard as that "
            "takes hundreds of thousands, or its examples are not where success is counted"
        )


def _well(columns: _Columns) -> str:
    parts = []
    if np.isfinite(success := columns.last("success_ever")):
        end = columns.last("success_end")
        stays = "" if not end < LOST * success else f" (at the end of {end:.0%}: the policy does not stay there)"
        parts.append(f"success in {success:.0%} of the episodes{stays}")
    for name, words in (("odds_examples", "odds on the examples"), ("odds_heldout", "held out"), ("mean_w", "mean w")):
        if np.isfinite(value := columns.last(name)):
            parts.append(f"{words} {_number(value)}")
    return f"{HEALTHY}: {', '.join(parts) or 'nothing that was measured looks wrong'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if 100 <= value < 1e6 else f"{value:.2g}"
