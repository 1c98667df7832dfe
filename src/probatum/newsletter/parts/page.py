"""The frame that all pages of the site share, and the templates that fill it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from markupsafe import Markup

from probatum.newsletter import urls, wording
from probatum.newsletter.content import Config, Entry, Newsletter
from probatum.newsletter.memory import Memory
from probatum.newsletter.output import Output
from probatum.newsletter.parts import templates
from probatum.newsletter.parts.json_ld import script

Item = TypeVar("Item")

PLACES = (
    ("index.html", "Issues"),
    ("table.html", "All summaries"),
    ("claims.html", "Claims"),
    ("search.html", "Search"),
)
"""What the masthead leads to."""

_PIECES = Memory()
"""Parts of pages that stand for one entry in many lists: an edit makes those of one entry again."""


@dataclass(frozen=True)
class Frame:
    """What stands around a page's own text; it differs only with the folder and the current place."""

    head: Markup
    masthead: Markup
    footer: Markup


@dataclass(frozen=True)
class Pages:
    """Writes pages of one newsletter into one folder."""

    newsletter: Newsletter
    out: Output

    @cached_property
    def key(self) -> str:
        """A digest of what all pages depend on."""
        return sha256(repr(self.newsletter.config).encode()).hexdigest()

    @cached_property
    def newest(self) -> tuple[Entry, ...]:
        """Every entry, newest issue first, each in the editor's order; those without an issue come last."""
        newsletter = self.newsletter
        listed = (id for issue in reversed(newsletter.issues) for id in issue.entries)
        loose = (entry for id, entry in newsletter.entries.items() if id not in newsletter.issue_of)
        return (*(newsletter.entries[id] for id in listed), *loose)

    def write(self, path: str, template: str, inputs: object, context: Callable[[], Mapping[str, Any]]) -> Path:
        """Write a page, unless it was made from equal `inputs`; `context` holds at least its `title`."""
        return self.out.derive(path, (self.key, inputs), lambda: self._page(path, template, context()))

    def piece(self, template: str, entry: Entry, more: Callable[[], Mapping[str, Any]] = dict) -> Markup:
        """Return a part of a page that stands for one entry: a line of a list, a row of the table."""
        number = self.newsletter.issue_of.get(entry.id)
        tally = self.tally(entry)
        text = self.newsletter.rendered[entry.id]
        return _PIECES.recall(
            (template, entry.id),
            (self.key, text.key, entry.digest, number, tally),
            lambda: Markup(
                templates.get(template).render(entry=entry, text=text, number=number, tally=tally, **more())
            ),
        )

    def lines(self, entries: Iterable[Entry]) -> tuple[Markup, ...]:
        """One line of a list for each entry, for pages one folder deep."""
        return tuple(self.piece("line.html", entry) for entry in entries)

    def headline(self, entry: Entry) -> Markup:
        """An entry's title, linked to the work."""
        return self.piece("headline.html", entry)

    def passages(self, entry: Entry) -> Markup:
        """An entry's summary, prerequisites, further reading and opinions."""
        return self.piece("passages.html", entry)

    def tally(self, entry: Entry) -> tuple[tuple[str, int], ...]:
        """How many of an entry's claims have which verdict."""
        if not entry.claims:
            return ()
        states: Counter[str] = Counter(self.newsletter.verdicts[claim.name].state for claim in entry.claims)
        return tuple((state, states[state]) for state in wording.SIGNS if state in states)

    def _page(self, path: str, template: str, context: Mapping[str, Any]) -> str:
        config = self.newsletter.config
        data = context.get("json_ld")
        up = context.get("up", urls.UP * path.count("/"))
        page: str = templates.get(template).render(
            {
                **context,
                "title": f"{context['title']} · {config.title}" if context["title"] else config.title,
                "description": context.get("description", ""),
                "json_ld": script(data) if data else "",
                "language": config.language,
                "config": config,
                "frame": self._frame(up, path if path in dict(PLACES) else ""),
                "up": up,
            }
        )
        return page

    def _frame(self, up: str, current: str) -> Frame:
        return self._frames.recall((up, current), (), lambda: _frame(self.newsletter.config, up, current))

    @cached_property
    def _frames(self) -> Memory:
        return Memory()


def _frame(config: Config, up: str, current: str) -> Frame:
    context = {
        "up": up,
        "current": current,
        "config": config,
        "places": PLACES,
        "name_tag": "h1" if current == "index.html" else "p",
    }
    head, masthead, footer = (
        Markup(templates.get(f"{part}.html").render(context).strip()) for part in ("head", "masthead", "footer")
    )
    return Frame(head, masthead, footer)


def neighbours(items: Sequence[Item]) -> Iterator[tuple[Item | None, Item, Item | None]]:
    """Each item between the one before it and the one after it.

    >>> list(neighbours("ab"))
    [(None, 'a', 'b'), ('a', 'b', None)]
    """
    padded = (None, *items, None)
    return zip(padded, items, padded[2:], strict=False)
