"""What a running build remembers, so that after an edit only what depends on it is done again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Memory:
    """Results by name, each kept as long as its inputs are equal."""

    _kept: dict[Hashable, tuple[Hashable, Any]] = field(default_factory=dict)

    def recall(self, name: Hashable, inputs: Hashable, make: Callable[[], Value]) -> Value:
        """Return what `make` returned for `name` when its inputs were equal, or make it now."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != inputs:
            kept = self._kept[name] = (inputs, make())
        value: Value = kept[1]
        return value
