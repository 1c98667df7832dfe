"""The section tree: data with history, whose order is the order of every issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Section:
    """A category, with its former names (`was`) and, once it is no longer used, `retired`."""

    name: str
    title: str
    was: tuple[str, ...] = ()
    retired: bool = False
    children: tuple[Section, ...] = ()

    def leaves(self) -> Iterator[Section]:
        """This section and all below it."""
        yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Sections:
    """All sections, found by present or former name."""

    top: tuple[Section, ...]

    @cached_property
    def order(self) -> tuple[tuple[int, Section], ...]:
        """Every section with its level (1 at the top), in the order of the tree."""
        return tuple(found for section in self.top for found in _walk(section, 1))

    @cached_property
    def by_name(self) -> Mapping[str, Section]:
        """Sections by every name they ever had; a present name wins over a former one."""
        sections = [section for _, section in self.order]
        former = {name: section for section in sections for name in section.was}
        return former | {section.name: section for section in sections}

    def __getitem__(self, name: str) -> Section:
        return self.by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def path(self, name: str) -> tuple[Section, ...]:
        """The sections from the top down to the one called `name`."""
        return self._paths[self.by_name[name].name]

    @cached_property
    def _paths(self) -> Mapping[str, tuple[Section, ...]]:
        paths: dict[str, tuple[Section, ...]] = {}
        trail: list[Section] = []
        for level, section in self.order:
            trail[level - 1 :] = [section]
            paths[section.name] = tuple(trail)
        return paths


def _walk(section: Section, level: int) -> Iterator[tuple[int, Section]]:
    yield level, section
    for child in section.children:
        yield from _walk(child, level + 1)
