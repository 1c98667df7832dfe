"""A trial: one experiment, one setting, one seed, and what came of it; the unit of caching and parallel work."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one run of an experiment measured, or the traceback with which it ended.

    `key` and `code` are digests (see `provenance`); `started` is UTC in ISO 8601; `peak_memory_bytes` is that of
    the worker's process so far; `artifacts` maps names to the SHA-256 under which the ledger keeps them.
    `carried_from` is the digest of the code that did measure it, where another seed, measured again, showed that
    the present code does the same.
    """

    key: str
    experiment: str
    code: str
    parameters: Mapping[str, object] = field(hash=False)
    seed: int
    metrics: Mapping[str, float] | None = field(hash=False)
    error: str | None = None
    started: str
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    worker: str
    environment: Mapping[str, object] = field(default_factory=dict, hash=False)
    artifacts: Mapping[str, str] = field(default_factory=dict, hash=False)
    carried_from: str | None = None

    @property
    def setting(self) -> str:
        """The experiment with its parameters: what its seeds have in common."""
        return setting(self.experiment, self.parameters)

    def to_record(self) -> dict[str, Any]:
        """The trial as a record of the ledger; `nan` and infinities, which JSON lacks, become text."""
        record: dict[str, Any] = {"kind": "trial"} | {part.name: getattr(self, part.name) for part in fields(self)}
        if self.metrics is not None:
            record["metrics"] = {
                name: value if math.isfinite(value) else str(value) for name, value in self.metrics.items()
            }
        return record

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> Trial:
        """Read a record of the ledger; what a later version added is passed over.

        Raises:
            KeyError, TypeError, ValueError: it is no trial.
        """
        known = {part.name: record[part.name] for part in fields(Trial) if part.name in record}
        if known["metrics"] is not None:
            known["metrics"] = {name: float(value) for name, value in known["metrics"].items()}
        return Trial(**known)


def setting(experiment: str, parameters: Mapping[str, object]) -> str:
    """Name an experiment with its parameters, the same whatever their order."""
    return f"{experiment} {canonical(dict(parameters))}"


def canonical(value: object) -> str:
    """Write JSON in the one way that has sorted keys, no spaces and only ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
