"""Compares a recorded trial with the same one measured again: to the last bit, or within a stated tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.claims.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A metric that came out otherwise; None where one side does not have it."""

    metric: str
    recorded: float | None
    here: float | None


@dataclass(frozen=True, kw_only=True)
class Remeasured:
    """A recorded trial and what the same one gave here, and how far their metrics may lie apart."""

    recorded: Trial
    here: Trial
    tolerance: float

    @property
    def stale(self) -> bool:
        """Whether it was recorded under other code than ran here."""
        return self.recorded.code != self.here.code

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Every metric that differs by more than the tolerance."""
        return differences(self.recorded.metrics or {}, self.here.metrics or {}, self.tolerance)

    @property
    def agrees(self) -> bool:
        """Whether it ran here too and gave the same."""
        return self.here.error is None and not self.differences

    def describe(self) -> str:
        """One line: which trial, and where it differs."""
        what = f"{self.recorded.experiment}, seed {self.recorded.seed}"
        if self.stale:
            what += " (recorded under other code)"
        if self.here.error is not None:
            return f"{what}: raised here: {self.here.error.strip().splitlines()[-1]}"
        if not self.differences:
            return f"{what}: agrees"
        shown = (f"{one.metric} was {_shown(one.recorded)}, is {_shown(one.here)}" for one in self.differences)
        return f"{what}: {', '.join(shown)}"


def differences(recorded: Mapping[str, float], here: Mapping[str, float], tolerance: float) -> tuple[Difference, ...]:
    """The metrics that lie further apart than `tolerance`; with 0 they must be the same number, nan the same as nan."""
    return tuple(
        Difference(metric=name, recorded=recorded.get(name), here=here.get(name))
        for name in sorted(recorded.keys() | here.keys())
        if not _same(recorded.get(name), here.get(name), tolerance)
    )


def _same(first: float | None, second: float | None, tolerance: float) -> bool:
    if first is None or second is None:
        return False
    return first == second or (math.isnan(first) and math.isnan(second)) or abs(first - second) <= tolerance


def _shown(value: float | None) -> str:
    return "absent" if value is None else repr(value)
