"""A claim: a sentence with a number or an ordering that somebody reported, and how it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Question = Literal["recompute", "reproduce", "robustness", "replicate"]
"""From published numbers; same data and procedure; same data, other analyses; new data."""

Scope = Literal["exact", "reduced", "analogue"]
"""Same data, model and procedure; same procedure, smaller; same idea, other material."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of an entry; `name` is unique in a newsletter."""

    entry: str
    id: str
    says: str
    reported: str
    question: Question
    scope: Scope
    experiment: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    seeds: int = 1
    expect: str | None = None
    cannot_run: str | None = None
    tolerance: float = 0.0
    source: str = ""

    @property
    def name(self) -> str:
        """The full name, `entry/id`."""
        return f"{self.entry}/{self.id}"
