"""A page for each entry: summary, opinions, every claim with its verdict, and how to cite it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probatum.newsletter import urls, wording
from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.formats.bibtex import bibtex
from probatum.newsletter.formats.csl import csl_list
from probatum.newsletter.output import Output
from probatum.newsletter.parts import json_ld
from probatum.newsletter.parts.citation import citation
from probatum.newsletter.parts.page import Pages, neighbours


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write entries/<id>.html."""
    pages = Pages(newsletter, out)
    paths = []
    for issue in newsletter.issues:
        paths += [_write(pages, *around) for around in neighbours(newsletter.issue_entries(issue))]
    loose = (entry for entry in newsletter.entries.values() if entry.id not in newsletter.issue_of)
    return paths + [_write(pages, None, entry, None) for entry in loose]


def _write(pages: Pages, before: Entry | None, entry: Entry, after: Entry | None) -> Path:
    newsletter = pages.newsletter
    titles = tuple(newsletter.rendered[other.id].title.text if other else "" for other in (before, after))
    inputs = (
        entry.digest,
        newsletter.rendered[entry.id].key,
        newsletter.issue_of.get(entry.id),
        before and before.id,
        after and after.id,
        titles,
        tuple(newsletter.verdicts[claim.name] for claim in entry.claims) if entry.claims else (),
    )
    return pages.write(urls.entry(entry), "entry.html", inputs, lambda: _context(pages, entry, before, after))


def _context(pages: Pages, entry: Entry, before: Entry | None, after: Entry | None) -> Mapping[str, Any]:
    newsletter = pages.newsletter
    text = newsletter.rendered[entry.id]
    cited = citation(newsletter, entry)
    return {
        "title": text.title.text,
        "description": _first_words(text.summary.text, 160),
        "json_ld": json_ld.review(newsletter, entry),
        "entry": entry,
        "text": text,
        "headline": pages.headline(entry),
        "passages": pages.passages(entry),
        "section": newsletter.section(entry),
        "number": newsletter.issue_of.get(entry.id),
        "people": entry.people,
        "claims": [(claim, newsletter.verdicts[claim.name]) for claim in entry.claims],
        "denominator": wording.denominator(entry.claims, newsletter.verdicts),
        "bibtex": _download("application/x-bibtex", bibtex(cited)),
        "csl": _download("application/vnd.citationstyles.csl+json", csl_list([cited])),
        "neighbours": "Entries before and after in this issue",
        "before": _neighbour(newsletter, before),
        "after": _neighbour(newsletter, after),
    }


def _download(kind: str, text: str) -> Markup:
    """The text as an address that holds it: two small files fewer for each entry."""
    return Markup(f"data:{kind};charset=utf-8;base64,{b64encode(text.encode()).decode()}")


def _first_words(text: str, length: int) -> str:
    """The beginning of a text, cut between words."""
    if len(text) <= length:
        return " ".join(text.split())
    return " ".join(text[:length].split()[:-1]) + " …"


def _neighbour(newsletter: Newsletter, entry: Entry | None) -> Mapping[str, str] | None:
    if entry is None:
        return None
    return {"url": urls.entry(entry), "name": newsletter.rendered[entry.id].title.text}
