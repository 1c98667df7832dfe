"""What a reference list needs to know of a summarized work: the common shape behind BibTeX and CSL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.web_address import web_address

Kind = Literal["conference", "preprint", "web", "document"]

_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE)
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\d{4,9}/\S+)", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r",\s*(?:and\s+)?|\s+and\s+")
_ET_AL = re.compile(r"[\s,]*\bet al\.?$")
_CONFERENCES = {
    "AAAI", "AAMAS", "ACL", "AIES", "AISTATS", "CHI", "COLT", "CoRL", "CVPR", "ECCV", "EMNLP", "FAccT",
    "ICCV", "ICLR", "ICML", "ICRA", "IJCAI", "IROS", "KDD", "NAACL", "NeurIPS", "NIPS", "RSS", "UAI",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One reference. `authors` are whole names, given name first; `and_others`: the list is cut short."""

    key: str
    kind: Kind
    title: str
    authors: tuple[str, ...]
    and_others: bool
    venue: str
    year: int | None
    url: str
    doi: str
    arxiv: str


def citations(newsletter: Newsletter) -> Iterator[Citation]:
    """A reference for each published entry, in order of appearance."""
    for entry in newsletter.ordered:
        yield citation(newsletter, entry)


def citation(newsletter: Newsletter, entry: Entry) -> Citation:
    """The reference of one entry; the key is the entry's id."""
    return cite(entry, newsletter.rendered[entry.id].title.text)


def cite(entry: Entry, title: str) -> Citation:
    """The reference of one entry, whose title reads `title`."""
    url = web_address(entry.url)
    arxiv, doi = _ARXIV.search(url), _DOI.match(url)
    authors, and_others = _authors(entry.authors)
    return Citation(
        key=entry.id,
        kind=_kind(entry, bool(arxiv)),
        title=_line(title),
        authors=authors,
        and_others=and_others,
        venue="" if entry.venue == "N/A" else _line(entry.venue),
        year=entry.year,
        url=url,
        doi=doi[1] if doi else "",
        arxiv=arxiv[1] if arxiv else "",
    )


def _kind(entry: Entry, arxiv: bool) -> Kind:
    if entry.venue.split(" ")[0] in _CONFERENCES:
        return "conference"
    if arxiv:
        return "preprint"
    return "web" if entry.url else "document"


def _authors(authors: tuple[str, ...] | str) -> tuple[tuple[str, ...], bool]:
    """Names without the star of joint first authors; one line of names is taken apart."""
    listed = [authors] if isinstance(authors, str) else list(authors)
    names = [_ET_AL.sub("", name) if "et al" in name else name for name in listed]
    and_others = names != listed
    if isinstance(authors, str):
        names = _BETWEEN_NAMES.split(names[0])
    return tuple(name for name in (_line(name).rstrip("* ") for name in names) if name), and_others


def _line(text: str) -> str:
    return " ".join(text.split())
