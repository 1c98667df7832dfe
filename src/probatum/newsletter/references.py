"""Finds the entry that a cross-reference means, by its id or by its title whatever the case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class References:
    """What can be referred to: `titles` by id, as they read without Markdown."""

    titles: Mapping[str, str]
    _by_title: dict[str, list[str]]

    @staticmethod
    def to(titles: Iterable[tuple[str, str]]) -> References:
        """Index pairs of an id and a title."""
        found = References(dict(titles), {})
        for id, title in found.titles.items():
            found._by_title.setdefault(_key(title), []).append(id)
        return found

    def find(self, target: str) -> tuple[str, ...]:
        """The ids that `target` may mean: one if it is right, none or several if it is not."""
        return (target,) if target in self.titles else tuple(self._by_title.get(_key(target), ()))


def _key(title: str) -> str:
    return " ".join(title.casefold().split())
