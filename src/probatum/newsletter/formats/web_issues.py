"""A page for each issue: the editor's words, highlights first, then the entries by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probatum.newsletter import urls, wording
from probatum.newsletter.content import Entry, Issue, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts import json_ld
from probatum.newsletter.parts.page import Pages, neighbours
from probatum.newsletter.rendering.passages import Rendered
from probatum.newsletter.wording import counted, day


@dataclass(frozen=True)
class Part:
    """A section of the page: its heading's name, level and anchor, and the entries right under it."""

    name: str
    level: int
    heading: int
    anchor: str
    pieces: tuple[tuple[Entry, Rendered, Markup, Markup], ...]


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write issues/<number>.html."""
    pages = Pages(newsletter, out)
    return [_write(pages, *around) for around in neighbours(newsletter.issues)]


def _write(pages: Pages, before: Issue | None, issue: Issue, after: Issue | None) -> Path:
    newsletter = pages.newsletter
    inputs = (
        issue,
        newsletter.words[issue.number].key,
        tuple((entry.digest, newsletter.rendered[entry.id].key) for entry in newsletter.issue_entries(issue)),
        tuple(newsletter.verdicts[claim.name] for claim in newsletter.claims(issue)),
        *((other.number, other.title) if other else None for other in (before, after)),
    )
    return pages.write(urls.issue(issue), "issue.html", inputs, lambda: _context(pages, issue, before, after))


def _context(pages: Pages, issue: Issue, before: Issue | None, after: Issue | None) -> Mapping[str, Any]:
    newsletter = pages.newsletter
    denominator = wording.denominator(newsletter.claims(issue), newsletter.verdicts)
    return {
        "title": f"{issue.title} (issue {issue.number})" if issue.title else f"Issue {issue.number}",
        "description": _description(newsletter, issue),
        "json_ld": json_ld.publication_issue(newsletter, issue),
        "issue": issue,
        "date": day(issue.date),
        "count": counted(len(issue.entries), "entry", "entries"),
        "denominator": denominator,
        "words": newsletter.words[issue.number].summary,
        "branches": tuple(_parts(pages, issue)),
        "neighbours": "Issues before and after",
        "before": _neighbour(before),
        "after": _neighbour(after),
    }


def _parts(pages: Pages, issue: Issue) -> Iterator[Part]:
    newsletter = pages.newsletter
    for branch in newsletter.outline(issue):
        pieces = tuple(
            (entry, newsletter.rendered[entry.id], pages.headline(entry), pages.passages(entry))
            for entry in branch.entries
        )
        yield Part(
            name=branch.name,
            level=branch.level,
            heading=min(branch.level + 1, 5),
            anchor=f"section-{urls.slug(branch.name)}",
            pieces=pieces,
        )


def _description(newsletter: Newsletter, issue: Issue) -> str:
    entries = sorted(newsletter.issue_entries(issue), key=lambda entry: not entry.highlight)
    return "; ".join(newsletter.rendered[entry.id].title.text for entry in entries[:4])


def _neighbour(issue: Issue | None) -> Mapping[str, str] | None:
    if issue is None:
        return None
    name = f"Issue {issue.number}" + (f": {issue.title}" if issue.title else "")
    return {"url": urls.issue(issue), "name": name}
