"""The site's front page, its page for lost readers, and its style, scripts and icon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from probatum.newsletter import urls, wording
from probatum.newsletter.content import Issue, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts import json_ld
from probatum.newsletter.parts.page import Pages
from probatum.newsletter.sections import Section
from probatum.newsletter.wording import counted, day

_ASSETS = Path(__file__).parent.parent / "assets"


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write index.html, 404.html and the files that all pages share."""
    pages = Pages(newsletter, out)
    assets = sorted(path for path in _ASSETS.iterdir() if path.is_file())
    index = _index(newsletter)
    return [
        *(out.derive(path.name, path.stat().st_mtime_ns, path.read_bytes) for path in assets),
        pages.write("index.html", "index.html", index, lambda: index),
        pages.write("404.html", "not_found.html", (), lambda: _not_found(newsletter)),
    ]


def _index(newsletter: Newsletter) -> Mapping[str, Any]:
    people = Counter(name for entry in newsletter.entries.values() for name in entry.people)
    return {
        "title": "",
        "description": newsletter.config.description,
        "json_ld": json_ld.periodical(newsletter),
        "latest": _latest(newsletter, newsletter.issues[-1]) if newsletter.issues else None,
        "issues": [_line(newsletter, issue) for issue in reversed(newsletter.issues)],
        "sections": list(_tree(newsletter)),
        "people": sorted(people.items(), key=lambda item: (-item[1], item[0])),
    }


def _highlights(newsletter: Newsletter, issue: Issue) -> tuple[str, ...]:
    chosen = (entry for entry in newsletter.issue_entries(issue) if entry.highlight)
    return tuple(newsletter.rendered[entry.id].title.text for entry in chosen)


def _line(newsletter: Newsletter, issue: Issue) -> Mapping[str, Any]:
    """An issue in the list of all; one without a title is known by its highlights."""
    highlights = _highlights(newsletter, issue)
    claims = sum(len(entry.claims) for entry in newsletter.issue_entries(issue))
    facts = [day(issue.date)] if issue.date else []
    facts.append(counted(len(issue.entries), "entry", "entries"))
    if claims:
        facts.append(counted(claims, "claim"))
    name = issue.title or "; ".join(highlights) or f"Issue {issue.number}"
    return {"number": issue.number, "url": urls.issue(issue), "name": name, "facts": " · ".join(facts)}


def _latest(newsletter: Newsletter, issue: Issue) -> Mapping[str, Any]:
    # Sanitized, and rendered for a page one folder deep; the front page stands at the root.
    words = newsletter.words[issue.number].summary.html.replace(f'href="{urls.UP}', 'href="')
    branches = newsletter.outline(issue)
    entries = [entry for branch in branches for entry in branch.entries]
    texts = [(entry, newsletter.rendered[entry.id]) for entry in entries]
    return {
        "number": issue.number,
        "name": issue.title or f"Issue {issue.number}",
        "date": day(issue.date),
        "url": urls.issue(issue),
        "words": Markup(_first_paragraph(words)),
        "entries": [(text.title.text, urls.entry(entry), text.byline) for entry, text in texts],
        "denominator": wording.denominator(newsletter.claims(issue), newsletter.verdicts),
    }


def _first_paragraph(html: str) -> str:
    """The first paragraph of a rendered text, or all of it where it begins with something else."""
    end = html.find("</p>") if html.startswith("<p>") else -1
    return html[: end + len("</p>")] if end >= 0 else html


def _tree(newsletter: Newsletter) -> Iterator[tuple[int, Section, int]]:
    """Every section that has entries, with how many it has in itself and below."""
    counts = Counter(newsletter.section(entry).name for entry in newsletter.entries.values())
    for level, section in newsletter.config.sections.order:
        if number := sum(counts[leaf.name] for leaf in section.leaves()):
            yield level, section, number


def _not_found(newsletter: Newsletter) -> Mapping[str, Any]:
    # It is shown at whatever address was asked for, so that its links begin at the site's root.
    return {"title": "No such page", "up": urlsplit(newsletter.config.url).path}
