"""A trial: one experiment, one setting, one seed; the unit of caching and of parallel work."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one trial gave: metrics, or the traceback of its error, and all that is known of how it ran.

    `started` is UTC in ISO 8601; `peak_memory_bytes` is that of the worker's process so far; `artifacts` maps names to
    the SHA-256 under which the ledger keeps them; `carried_from` is the digest of the older code that gave the numbers.
    """

    key: str
    experiment: str
    code: str
    parameters: Mapping[str, object]
    seed: int
    metrics: Mapping[str, float] | None
    error: str | None = None
    started: str
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    worker: str
    environment: Mapping[str, object] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    carried_from: str | None = None

    def to_record(self) -> dict[str, Any]:
        """The trial as a record of the ledger."""
        return {"kind": "trial"} | {key: value for key, value in dataclasses.asdict(self).items() if value is not None}

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> Trial:
        """Read a record of the ledger; a field of a later version is passed over.

        Raises:
            KeyError, TypeError: it is no trial.
        """
        known = {key: record[key] for key in _FIELDS if key in record}
        return Trial(**{"metrics": None} | known)


_FIELDS = tuple(found.name for found in dataclasses.fields(Trial))
