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

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Every section with its level (1 at the top), in the order of the tree."""
        for section in self.top:
            yield from _walk(section, 1)

    @cached_property
    def by_name(self) -> Mapping[str, Section]:
        """Sections by every name they ever had; a present name wins over a former one."""
        sections = [section for _, section in self.walk()]
        former = {name: section for section in sections for name in section.was}
        return former | {section.name: section for section in sections}

    def __getitem__(self, name: str) -> Section:
        return self.by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def path(self, name: str) -> tuple[Section, ...]:
        """The sections from the top down to the one called `name`."""
        wanted = self.by_name[name]
        trail: list[Section] = []
        for level, section in self.walk():
            del trail[level - 1 :]
            trail.append(section)
            if section is wanted:
                break
        return tuple(trail)


def _walk(section: Section, level: int) -> Iterator[tuple[int, Section]]:
    yield level, section
    for child in section.children:
        yield from _walk(child, level + 1)
