"""A page for each person who wrote summaries or opinions, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probatum.newsletter import urls
from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.page import Pages
from probatum.newsletter.web_address import web_address
from probatum.newsletter.wording import counted

SUMMARIES, OPINIONS = "Summaries", "Opinions on others’ summaries"


@dataclass(frozen=True)
class Work:
    """What one person wrote; names that lead to one address share a page."""

    names: dict[str, None] = field(default_factory=dict)
    lists: dict[str, list[Entry]] = field(default_factory=dict)


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write people/<name>.html."""
    pages = Pages(newsletter, out)
    path_of = cache(urls.person)
    works: dict[str, Work] = {}
    for entry in pages.newest:
        for name in entry.people:
            work = works.setdefault(path_of(name), Work())
            work.names[name] = None
            work.lists.setdefault(SUMMARIES if name == entry.summarizer else OPINIONS, []).append(entry)
    return [_write(pages, path, work) for path, work in sorted(works.items())]


def _write(pages: Pages, path: str, work: Work) -> Path:
    lists = [(heading, pages.lines(work.lists[heading])) for heading in (SUMMARIES, OPINIONS) if heading in work.lists]
    return pages.write(path, "person.html", (tuple(work.names), lists), lambda: _context(pages.newsletter, work, lists))


def _context(newsletter: Newsletter, work: Work, lists: list[tuple[str, tuple[Markup, ...]]]) -> Mapping[str, Any]:
    known = [newsletter.config.people[name].url for name in work.names if name in newsletter.config.people]
    facts = [
        counted(len(lines), *words)
        for heading, lines in lists
        for words in [("summary", "summaries") if heading == SUMMARIES else ("opinion", "opinions")]
    ]
    return {
        "title": ", ".join(work.names),
        "name": ", ".join(work.names),
        "description": f"What {', '.join(work.names)} wrote",
        "facts": " · ".join(facts),
        "url": web_address(known[0]) if known else "",
        "lists": [(heading, Markup("\n").join(lines)) for heading, lines in lists],
    }
