"""Figures and files that an experiment leaves beside its metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_collected: ContextVar[dict[str, bytes] | None] = ContextVar("artifacts", default=None)


def attach(name: str, data: bytes) -> None:
    """Keep `data` (a small picture or table) with the trial that is running; outside a trial it is dropped.

    `name` is a plain file name such as `kernels.png`; the ledger stores the bytes under their SHA-256.
    """
    if not name or "/" in name or "\\" in name or name.startswith("."):
        raise ValueError(f"artifact name {name!r}: give a plain file name such as 'kernels.png'")
    collected = _collected.get()
    if collected is not None:
        collected[name] = data


@contextmanager
def collecting() -> Iterator[dict[str, bytes]]:
    """Collect what is attached inside the `with` block, by name."""
    found: dict[str, bytes] = {}
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)
