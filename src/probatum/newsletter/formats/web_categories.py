"""A page for each section of the tree that has entries, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probatum.newsletter import urls
from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.page import Pages
from probatum.newsletter.sections import Section
from probatum.newsletter.wording import counted


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write categories/<section>.html."""
    pages = Pages(newsletter, out)
    entries: dict[str, list[Entry]] = {}
    for entry in pages.newest:
        entries.setdefault(newsletter.section(entry).name, []).append(entry)
    sections = [section for _, section in newsletter.config.sections.order]
    counts = {section.name: sum(len(entries.get(leaf.name, ())) for leaf in section.leaves()) for section in sections}
    return [
        _write(pages, section, pages.lines(entries.get(section.name, ())), counts)
        for section in sections
        if counts[section.name]
    ]


def _write(pages: Pages, section: Section, lines: tuple[Markup, ...], counts: Mapping[str, int]) -> Path:
    children = [(child, counts[child.name]) for child in section.children if counts[child.name]]
    return pages.write(
        urls.category(section.name),
        "category.html",
        (lines, children),
        lambda: _context(pages.newsletter, section, lines, children, counts[section.name]),
    )


def _context(
    newsletter: Newsletter,
    section: Section,
    lines: tuple[Markup, ...],
    children: list[tuple[Section, int]],
    count: int,
) -> Mapping[str, Any]:
    return {
        "title": section.title,
        "description": f"{section.title}: {counted(count, 'entry', 'entries')}",
        "section": section,
        "trail": newsletter.config.sections.path(section.name)[:-1],
        "count": counted(count, "entry", "entries"),
        "children": children,
        "lines": Markup("\n").join(lines),
    }
