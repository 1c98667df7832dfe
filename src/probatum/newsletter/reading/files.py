"""The files of a newsletter, each read into entries and issues or into its list of mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from probatum.claims.claim import Claim
from probatum.newsletter.content import Config, Entry, Issue, Opinion, Person
from probatum.newsletter.problem import Problem
from probatum.newsletter.reading.front_matter import Text, load, split, validate
from probatum.newsletter.reading.schema import ClaimMatter, EntryMatter, IssueMatter, NewsletterMatter, SectionMatter
from probatum.newsletter.rendering.markdown import Document, Role, inline, parse
from probatum.newsletter.rendering.passages import Passage
from probatum.newsletter.sections import Section, Sections
from probatum.newsletter.urls import slug

CONFIG = "newsletter.yaml"
_OPINION = re.compile(r"^## Opinion[ \t]*\((?P<author>[^()\n]+(?:\([^()\n]*\)[^()\n]*)*)\)[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")


@dataclass(frozen=True)
class EntryFile:
    """An entry as its file alone gives it, parsed; `roles` are the references in it with their lines.

    Where the front matter has `problems`, the entry is what can be made of the rest, so that mistakes elsewhere in
    the file are found in the same go.
    """

    entry: Entry
    text: Text
    title: Passage
    summary: Document
    prerequisites: Document
    read_more: Document
    opinions: tuple[Document, ...]
    roles: tuple[tuple[Role, int], ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class IssueFile:
    """An issue as its file alone gives it, with the editor's words parsed."""

    issue: Issue
    text: Text
    words: Document
    roles: tuple[tuple[Role, int], ...]


def read_config(folder: Path) -> Config | list[Problem]:
    """Read `newsletter.yaml`."""
    path = folder / CONFIG
    if not path.is_file():
        return [Problem(path, 1, "there is no such file", "make a newsletter with: probatum new DIR")]
    text = _text(path)
    if isinstance(text, Problem):
        return [text]
    matter = validate(NewsletterMatter, text, path)
    if isinstance(matter, list):
        return matter
    if wrong := list(_clashes(matter, text, path)):
        return wrong
    people = {
        name: Person(name=name, aliases=tuple(person.aliases), url=person.url) for name, person in matter.people.items()
    }
    sections = Sections(tuple(_section(section) for section in matter.sections))
    plain = matter.model_dump(exclude={"sections", "people"})
    return Config(**plain | {"url": matter.url.rstrip("/") + "/"}, sections=sections, people=people)


def _clashes(matter: NewsletterMatter, text: str, path: Path) -> Iterator[Problem]:
    """Names that would share a page or stand for two things; the second one is said."""
    sections = [(section.name, name) for section in _flat(matter.sections) for name in (section.name, *section.was)]
    people = [(name, alias) for name, person in matter.people.items() for alias in (name, *person.aliases)]
    for kind, pairs in (("section", sections), ("person", people)):
        owners: dict[str, str] = {}
        for owner, name in pairs:
            if owners.setdefault(slug(name), owner) != owner:
                right = f"{owners[slug(name)]!r} has that name: choose one that differs in letters or digits"
                yield Problem(path, _last_line_with(text, name), f"{kind} {name!r} stands twice", right)


def _flat(sections: Iterable[SectionMatter]) -> Iterator[SectionMatter]:
    for section in sections:
        yield section
        yield from _flat(section.children)


def _last_line_with(text: str, name: str) -> int:
    return max((number for number, line in enumerate(text.split("\n"), 1) if name in line), default=1)


def _section(matter: SectionMatter) -> Section:
    return Section(
        name=matter.name,
        title=matter.title or matter.name,
        was=tuple(matter.was),
        retired=matter.retired,
        children=tuple(_section(child) for child in matter.children),
    )


def read_entry(path: Path, config: Config) -> EntryFile | list[Problem]:
    """Read one file of `entries/`."""
    read = _matter_and_body(path)
    if isinstance(read, Problem):
        return [read]
    text, digest = read
    matter = validate(EntryMatter, text.matter, path, 2)
    problems = tuple(matter) if isinstance(matter, list) else ()
    if isinstance(matter, list):
        if (salvaged := _salvage(text)) is None:
            return matter
        matter = salvaged
    summary, opinions = _opinions(text, config)
    plain = {name: value for name, value in vars(matter).items() if name != "claims"}
    entry = Entry(
        **plain
        | {
            "authors": matter.authors if isinstance(matter.authors, str) else tuple(matter.authors),
            "summarizer": config.person(matter.summarizer),
        },
        id=path.stem,
        summary=summary,
        opinions=opinions,
        claims=tuple(Claim(entry=path.stem, **dict(claim)) for claim in matter.claims),
        path=path,
        body_line=text.body_line,
        digest=digest,
    )
    return _parsed(entry, text, problems)


def _salvage(text: Text) -> EntryMatter | None:
    """What is right in wrong front matter, as far as other checks look at it; None if it is no YAML."""
    try:
        data = load(text.matter)
    except yaml.YAMLError:
        return None
    if not isinstance(data, dict):
        return None
    claims = data.get("claims")
    ids = [item.get("id") for item in claims if isinstance(item, dict)] if isinstance(claims, list) else []
    known: dict[str, Any] = {"title": text.path.stem, "category": "", "summarizer": "?", "draft": False}
    kept = {key: data[key] if type(data.get(key)) is type(value) else value for key, value in known.items()}
    rest = {"says": "", "reported": "", "question": "recompute", "scope": "exact"}
    kept["claims"] = [ClaimMatter.model_construct(None, id=id, **rest) for id in ids if isinstance(id, str)]
    return EntryMatter.model_construct(None, **kept)


def _parsed(entry: Entry, text: Text, problems: tuple[Problem, ...]) -> EntryFile:
    summary, prerequisites, read_more = (
        parse(entry.summary),
        parse(entry.prerequisites),
        parse(entry.read_more),
    )
    opinions = tuple(parse(opinion.body) for opinion in entry.opinions)
    roles = [
        *_at(summary, entry.body_line),
        *(pair for opinion, read in zip(entry.opinions, opinions, strict=True) for pair in _at(read, opinion.line)),
    ]
    for key, document in (("prerequisites", prerequisites), ("read_more", read_more)):
        if document.roles:
            roles.extend(_at(document, text.line(key)))
    return EntryFile(
        entry, text, inline(entry.title), summary, prerequisites, read_more, opinions, tuple(roles), problems
    )


def _at(document: Document, line: int) -> list[tuple[Role, int]]:
    return [(role, line + offset) for role, offset in document.roles]


def _claim(entry: str, matter: ClaimMatter) -> Claim:
    return Claim(entry=entry, **matter.model_dump())


def read_issue(path: Path) -> IssueFile | list[Problem]:
    """Read one file of `issues/`."""
    read = _matter_and_body(path)
    if isinstance(read, Problem):
        return [read]
    text, digest = read
    matter = validate(IssueMatter, text.matter, path, 2)
    if isinstance(matter, list):
        return matter
    issue = Issue(
        **matter.model_dump(exclude={"entries"}),
        entries=tuple(matter.entries),
        words=text.body.rstrip(),
        path=path,
        body_line=text.body_line,
        digest=digest,
    )
    words = parse(issue.words)
    return IssueFile(issue, text, words, tuple(_at(words, text.body_line)))


def _text(path: Path) -> str | Problem:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(path, line, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")


def _matter_and_body(path: Path) -> tuple[Text, str] | Problem:
    text = _text(path)
    if isinstance(text, Problem):
        return text
    cut = split(path, text)
    return cut if isinstance(cut, Problem) else (cut, sha256(text.encode()).hexdigest()[:16])


def _opinions(text: Text, config: Config) -> tuple[str, tuple[Opinion, ...]]:
    """Cut a body at its `## Opinion (Name)` headings; those inside a code fence are code."""
    parts = list(_parts(text))
    summary = parts[0][2]
    opinions = (Opinion(author=config.person(author), line=line, body=body) for author, line, body in parts[1:])
    return summary, tuple(opinions)


def _parts(text: Text) -> Iterator[tuple[str, int, str]]:
    if "## Opinion" not in text.body:
        yield "", text.body_line, text.body.rstrip("\n")
        return
    author, start, fenced = "", text.body_line, ""
    lines: list[str] = []
    for number, line in enumerate(text.body.split("\n"), text.body_line):
        if fence := _FENCE.match(line):
            fenced = "" if fenced == fence[1] else fenced or fence[1]
        heading = None if fenced else _OPINION.match(line)
        if heading is None:
            lines.append(line)
            continue
        yield author, start, "\n".join(lines).rstrip("\n")
        author, start, lines = heading["author"].strip(), number + 1, []
    yield author, start, "\n".join(lines).rstrip("\n")
