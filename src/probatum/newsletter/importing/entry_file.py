"""One row of the sheet as one Markdown file: front matter, summary, and a section for each opinion."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from probatum.newsletter.importing.cell_text import (
    REPLACEMENT,
    body,
    inert,
    one_line,
    prose,
    unreadable,
)
from probatum.newsletter.importing.cross_references import Counts, CrossReferences
from probatum.newsletter.importing.mails import Mails
from probatum.newsletter.importing.opinions import heading, split
from probatum.newsletter.importing.settings import Settings
from probatum.newsletter.importing.table import Row
from probatum.newsletter.importing.yaml_text import Value, front_matter
from probatum.newsletter.web_address import web_address

UNTITLED, UNCATEGORIZED, UNNAMED = "Untitled", "Uncategorized", "unnamed"
"""What stands where a row leaves empty what every entry must have."""

_YEAR = re.compile(r"([12][0-9]{3})(?:\.0+)?")
_YES = {"highlight", "highlighted", "yes", "true", "1", "x"}
_AND = re.compile(r"\band\b")
_NOT_BARE = re.compile(r"\]\(|<@|https?:|\n|`")
_BRACKET = re.compile(r"(?<!\\)[\[\]]")


def category_of(row: Row) -> str:
    """The section in which a row stands."""
    return one_line(row["Category"]) or UNCATEGORIZED


@dataclass
class EntryFiles:
    """Turns rows into files; counts and remarks of all rows gather in it."""

    ids: Mapping[int, str]
    references: CrossReferences
    mails: Mails
    settings: Settings
    people: Collection[str]
    counts: Counts = field(default_factory=Counts)
    split_opinions: int = 0
    unplaced: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    def text(self, row: Row) -> str:
        """The file of one row."""
        for column, cell in row.cells.items():
            if count := unreadable(cell):
                self._note(row, f"{column} has {count} unreadable characters, written as {REPLACEMENT}")
        summarizer, second = self._summarizers(row)
        summary, opinion = self._prose(row, "Summary"), self._prose(row, "My opinion")
        if opinion and not summary:
            summary, opinion, summarizer = opinion, "", second or summarizer
            self._note(row, "an opinion without a summary; it stands as the summary")
        opinions = self._split(row, opinion, second or summarizer)
        if summary and not summarizer:
            summarizer = UNNAMED
            self._note(row, f"nobody is named for the summary; it says {UNNAMED!r}")
        silent = set(self._summarizers(row)) - {"", summarizer, *(author for author, _ in opinions)}
        for name in sorted(silent):
            self._lose(row, f"{name} of {row['Summarizer']!r}, who has written neither summary nor opinion")
        sections = [body(summary)] if summary else []
        sections.extend(f"{heading(author)}\n\n{body(text)}".rstrip() for author, text in opinions)
        return front_matter(self._fields(row, summarizer)) + "".join(f"\n{section}\n" for section in sections)

    def _fields(self, row: Row, summarizer: str) -> dict[str, Value]:
        title = inert(one_line(row["Title"]))
        if not title:
            self._note(row, f"no title; it says {UNTITLED!r}")
        return {
            "title": title or UNTITLED,
            "url": self._url(row),
            "authors": _authors(one_line(row["Authors"])),
            "venue": one_line(row["Venue"]),
            "year": self._year(row),
            "category": category_of(row),
            "highlight": self._highlight(row),
            "summarizer": summarizer,
            "hat_tip": self.settings.person(one_line(row["H/T"])),
            "email": self.mails.remark(row),
            "prerequisites": self._pointer(row, "Prerequisites"),
            "read_more": self._pointer(row, "Read more"),
        }

    def _prose(self, row: Row, column: str) -> str:
        text = prose(row[column])
        return self.references.resolve(text, own=self.ids[row.number], row=row.number, counts=self.counts)

    def _pointer(self, row: Row, column: str) -> str:
        """Where to read on: a bare title gets the cell's hyperlink, or refers to the entry of that title."""
        cell = prose(row[column])
        if not cell or _NOT_BARE.search(cell):
            return self._prose(row, column)
        if url := web_address(row.links.get(column, "")):
            words = _BRACKET.sub(r"\\\g<0>", cell)
            return f"[{words}](<{url}>)" if "(" in url or ")" in url else f"[{words}]({url})"
        return self.references.name(cell, own=self.ids[row.number]) or cell

    def _summarizers(self, row: Row) -> tuple[str, str]:
        """Who wrote the summary and, if somebody else did, the first opinion: A and B of `A/B`."""
        first, _, second = one_line(row["Summarizer"]).partition("/")
        return self.settings.person(first.strip()), self.settings.person(second.strip())

    def _split(self, row: Row, cell: str, author: str) -> list[tuple[str, str]]:
        """(author, text) of every opinion in a cell: the first is `author`'s, the others are named there."""
        pairs = split(cell, author, self.people)
        if any(not name for name, _ in pairs):
            self._note(row, f"nobody is named for the opinion; it says {UNNAMED!r}")
        self.split_opinions += sum(name != author for name, _ in pairs)
        return [(self.settings.person(name) or UNNAMED, text) for name, text in pairs]

    def _url(self, row: Row) -> str:
        cell, link, title = one_line(row["URL"]), web_address(row.links.get("Title", "")), row["Title"]
        url = web_address(cell)
        if cell and not url:
            self._lose(row, f"URL {cell!r}, which is no web address")
        if not url:
            # Titles that are links say themselves where they lead, one row to several places.
            return "" if "](" in title else link
        if link and link.partition("#")[0].rstrip("/") != url.rstrip("/") and link not in title:
            self._lose(row, f"the title's hyperlink {link}, since the URL column has another")
        return url

    def _year(self, row: Row) -> Value:
        cell = one_line(row["Year"])
        if match := _YEAR.fullmatch(cell):
            return int(match[1])
        if cell:
            self._lose(row, f"Year {cell!r}, which is no year")
        return ""

    def _highlight(self, row: Row) -> bool:
        cell = one_line(row["Highlight?"]).casefold()
        if cell in _YES:
            return True
        if cell not in ("", "no", "false", "0"):
            self._lose(row, f"Highlight? {cell!r}, which is neither 'Highlight' nor empty")
        return False

    def _note(self, row: Row, what: str) -> None:
        self.noted.append(f"row {row.number} ({self.ids[row.number]}): {what}")

    def _lose(self, row: Row, what: str) -> None:
        self.unplaced.append(f"row {row.number} ({self.ids[row.number]}): {what}")


def _authors(cell: str) -> Value:
    """A list of names, or the cell as it is where commas do not part names."""
    names = tuple(name.strip() for name in cell.split(","))
    return cell if _AND.search(cell) or not all(names) else names
