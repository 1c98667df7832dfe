"""How far long work has come: methods report it, and whoever runs them may listen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Listener = Callable[[int, int, str], None]  # done, total, what is being done

_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


def advance(done: int, total: int, what: str) -> None:
    """Say that `done` of `total` steps of `what` are done; without a listener nothing happens."""
    listener = _listener.get()
    if listener is not None:
        listener(done, total, what)


def track(items: Iterable[Item], *, total: int, what: str) -> Iterator[Item]:
    """Pass the items on and report after each."""
    advance(0, total, what)
    for done, item in enumerate(items, start=1):
        yield item
        advance(done, total, what)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` hear of all work inside the `with` block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
