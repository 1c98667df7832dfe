"""An entry's Markdown turned into HTML and plain text, once for all formats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One piece of Markdown as sanitized HTML and as plain text; links in the HTML start with `../`."""

    html: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.html)


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """An entry (or an issue's words, in `summary`) ready for every format.

    `key` is a digest of all that went into it: text, verdicts, and the entries that it refers to.
    """

    key: str
    title: Passage = Passage()
    byline: str = ""
    summary: Passage = Passage()
    prerequisites: Passage = Passage()
    read_more: Passage = Passage()
    opinions: tuple[tuple[str, Passage], ...] = ()
