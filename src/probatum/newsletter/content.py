"""What a newsletter is made of, once it has been read and found right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.judge import Verdict
from probatum.claims.ledger import Ledger
from probatum.claims.trial import Trial
from probatum.newsletter.references import References
from probatum.newsletter.rendering.passages import Rendered
from probatum.newsletter.sections import Section, Sections

HIGHLIGHTS = "Highlights"


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What one person thinks of an entry, in Markdown."""

    author: str
    body: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One summarized work. `title`, `summary`, `prerequisites` and `read_more` are Markdown."""

    id: str
    title: str
    url: str = ""
    authors: tuple[str, ...] | str = ()
    venue: str = ""
    year: int | None = None
    category: str
    highlight: bool = False
    summarizer: str = ""
    hat_tip: str = ""
    email: str = ""
    prerequisites: str = ""
    read_more: str = ""
    summary: str = ""
    opinions: tuple[Opinion, ...] = ()
    claims: tuple[Claim, ...] = ()
    draft: bool = False
    path: Path = field(compare=False)
    body_line: int = field(default=1, compare=False)
    digest: str = ""

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Who wrote the summary and the opinions, each once, summarizer first."""
        names = [self.summarizer, *(opinion.author for opinion in self.opinions)]
        return tuple(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One number of the newsletter: its entries in order, and the editor's own words in Markdown."""

    number: int
    title: str = ""
    date: date | None = None
    url: str = ""
    entries: tuple[str, ...] = ()
    words: str = ""
    draft: bool = False
    path: Path = field(compare=False)
    body_line: int = field(default=1, compare=False)
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who writes summaries or opinions, under one name."""

    name: str
    aliases: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Config:
    """`newsletter.yaml`: what holds for all issues."""

    title: str
    description: str = ""
    url: str = "https://newsletter.example/"
    language: str = "en"
    editor: str = ""
    email: str = ""
    feedback: str = ""
    podcast: str = ""
    licence: str = ""
    sections: Sections
    people: Mapping[str, Person]

    def person(self, name: str) -> str:
        """Return the one name under which `name` (a name or an alias) is known, or `name` itself."""
        return self._names.get(name, name)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {alias: person.name for person in self.people.values() for alias in person.aliases}


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A heading of an issue's outline with the entries right under it; `level` 1 is a top section."""

    level: int
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Newsletter:
    """A whole newsletter, read, checked and rendered: all that a format needs."""

    folder: Path
    config: Config
    issues: tuple[Issue, ...]
    entries: Mapping[str, Entry]
    verdicts: Mapping[str, Verdict]
    trials: Mapping[str, tuple[Trial, ...]]
    rendered: Mapping[str, Rendered]
    words: Mapping[int, Rendered]
    issue_of: Mapping[str, int]

    @property
    def ledger(self) -> Ledger:
        """The ledger of all trials and verdicts."""
        return Ledger(self.folder / "ledger")

    @property
    def experiments(self) -> Path:
        """Where the newsletter's own experiments lie."""
        return self.folder / "experiments"

    @cached_property
    def references(self) -> References:
        """Finds published entries by id or title."""
        return References.to((id, rendered.title.text) for id, rendered in self.rendered.items())

    def issue_entries(self, issue: Issue) -> tuple[Entry, ...]:
        """The issue's entries in the editor's order."""
        return tuple(self.entries[id] for id in issue.entries)

    def claims(self, issue: Issue | None = None) -> Iterator[Claim]:
        """The claims of one issue, or of the whole newsletter, in order of appearance."""
        entries = self.issue_entries(issue) if issue else self.ordered
        for entry in entries:
            yield from entry.claims

    @cached_property
    def ordered(self) -> tuple[Entry, ...]:
        """Every published entry: by issue, then those without one, in the order of their ids."""
        listed = [self.entries[id] for issue in self.issues for id in issue.entries]
        rest = [entry for id, entry in sorted(self.entries.items()) if id not in self.issue_of]
        return (*listed, *rest)

    def outline(self, issue: Issue) -> tuple[Branch, ...]:
        """The issue by sections: highlights first and not again below, tree order, no empty branch."""
        if issue.number not in self._outlines:
            self._outlines[issue.number] = tuple(self._branches(issue))
        return self._outlines[issue.number]

    @cached_property
    def _outlines(self) -> dict[int, tuple[Branch, ...]]:
        return {}

    def _branches(self, issue: Issue) -> Iterator[Branch]:
        entries = self.issue_entries(issue)
        if chosen := tuple(entry for entry in entries if entry.highlight):
            yield Branch(level=1, name=HIGHLIGHTS, entries=chosen)
        rest: dict[str, list[Entry]] = {}
        for entry in entries:
            if not entry.highlight:
                rest.setdefault(self.section(entry).name, []).append(entry)
        shown = {section.name for name in rest for section in self.config.sections.path(name)}
        for level, section in self.config.sections.order:
            if section.name in shown:
                yield Branch(level=level, name=section.title, entries=tuple(rest.get(section.name, ())))

    def section(self, entry: Entry) -> Section:
        """The section in which an entry stands."""
        return self.config.sections[entry.category]
