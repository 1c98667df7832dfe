"""A claim: one sentence with a number or an ordering that somebody reported, and how it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Question = Literal["recompute", "reproduce", "robustness", "replicate"]
"""How the test relates to the work: from its published numbers; by its own procedure; by another analysis of the
same data; on new data."""

Scope = Literal["exact", "reduced", "analogue"]
"""How near the test is: same data, model and procedure; the same but smaller; the same idea on other material."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a summary says, what its work reported, and what an experiment has to show for it to be supported.

    `experiment` is None where nobody has written one yet, and where nobody can (`cannot_run` says why).
    `parameters` are JSON values; seeds are 0 to `seeds` - 1; `tolerance` is how far each metric may lie from the
    recorded one when a trial is measured again elsewhere, and 0 means to the last bit.
    """

    entry: str
    id: str
    says: str
    reported: str
    question: Question
    scope: Scope
    experiment: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)
    seeds: int = 1
    expect: str | None = None
    cannot_run: str | None = None
    tolerance: float = 0.0
    source: str = ""

    @property
    def name(self) -> str:
        """The full name, unique in a newsletter: `entry/id`."""
        return f"{self.entry}/{self.id}"
