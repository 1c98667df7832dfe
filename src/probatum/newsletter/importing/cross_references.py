"""References from one summary to another: `<@Title@>` and `<@text@>(@Title@)` in a sheet, roles in files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TAG = re.compile(r"<@(?P<text>(?:(?!<@).)*?)@>(?:\(@(?P<title>(?:(?!\(@).)*?)@\))?", re.DOTALL)
_BACKTICKS = re.compile(r"`+")
_MARKUP = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)|[*_`\\]")
_LINK_IN_TEXT = re.compile(r"\]\(|<https?:", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """An entry that can be referred to."""

    id: str
    title: str
    summarized: bool


@dataclass
class Counts:
    """How many references were resolved, and the titles of those that were not, each with its row."""

    resolved: int = 0
    unresolved: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class CrossReferences:
    """Knows the entries by title, whatever its case."""

    by_title: Mapping[str, Sequence[Target]]

    @staticmethod
    def to(targets: Sequence[Target]) -> CrossReferences:
        """Index `targets`, which come in the order in which they appeared."""
        by_title: dict[str, list[Target]] = {}
        for target in targets:
            by_title.setdefault(_key(target.title), []).append(target)
        return CrossReferences(by_title)

    def find(self, title: str, *, own: str) -> Target | None:
        """The entry called `title`: of several not the one that refers, then the first that has a summary."""
        found = self.by_title.get(_key(title), ())
        return min(found, key=lambda target: (target.id == own, not target.summarized), default=None)

    def resolve(self, text: str, *, own: str, row: int, counts: Counts) -> str:
        """Turn the tags in `text`, a cell of entry `own`, into roles; what is not found stays as words."""
        if "<@" not in text:
            return text
        ticks = _ticks(text)

        def role(match: re.Match[str]) -> str:
            words = " ".join(match["text"].split())
            title = match["text"] if match["title"] is None else match["title"]
            target = self.find(title, own=own)
            if target is None:
                counts.unresolved.append((row, " ".join(title.split())))
                return _unresolved(words, match) or match[0]
            counts.resolved += 1
            return reference(words, target, ticks)

        return _TAG.sub(role, text)

    def name(self, cell: str, *, own: str) -> str | None:
        """A cell that holds nothing but a title, as a reference to that entry."""
        target = self.find(cell, own=own) if "\n" not in cell else None
        return reference(cell, target, _ticks(cell)) if target and target.id != own else None


def reference(words: str, target: Target, ticks: str = "`") -> str:
    """Write a reference with `words` as its text, or with none where they are the entry's title anyway.

    A text that holds a link cannot be a link's text; the reference then stands behind it.

    >>> reference("this", Target("a-b", "A, b", True))
    '{entry}`this <a-b>`'
    """
    if words in ("", target.title, _as_it_reads(target.title)):
        return f"{{entry}}{ticks}{target.id}{ticks}"
    if _LINK_IN_TEXT.search(words):
        return f"{words} ({{entry}}{ticks}{target.id}{ticks})"
    edge = " " if words.startswith("`") else ""
    return f"{{entry}}{ticks}{edge}{words} <{target.id}>{ticks}"


def _unresolved(words: str, match: re.Match[str]) -> str:
    title = " ".join((match["title"] or "").split())
    return f"{words} ({title})" if words and title else words or title


def _ticks(text: str) -> str:
    """A run of backticks longer than any in the text, so that it pairs with none of the text's own."""
    return "`" * (1 + max(map(len, _BACKTICKS.findall(text)), default=0))


def _key(title: str) -> str:
    return _as_it_reads(title).casefold()


def _as_it_reads(title: str) -> str:
    """A title without its Markdown, which a reference to it need not repeat."""
    return " ".join(_MARKUP.sub(r"\1", title).split())
