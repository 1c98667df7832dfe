"""Finds the entry that a cross-reference means, by its id or by its title whatever the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from probatum.newsletter.content import Entry
from probatum.newsletter.markdown import inline


@dataclass(frozen=True)
class References:
    """Published and draft entries, by id and by title."""

    by_id: dict[str, Entry] = field(default_factory=dict)
    by_title: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def to(entries: Iterable[Entry]) -> References:
        """Index entries; titles are compared as they read, without Markdown."""
        found = References()
        for entry in entries:
            found.by_id[entry.id] = entry
            found.by_title.setdefault(_key(inline(entry.title).text), []).append(entry.id)
        return found

    def find(self, target: str) -> tuple[str, ...]:
        """The ids that `target` may mean: one if it is right, none or several if it is not."""
        if target in self.by_id:
            return (target,)
        return tuple(self.by_title.get(_key(target), ()))


def _key(title: str) -> str:
    return " ".join(title.casefold().split())
