"""References to all summarized works as CSL-JSON, which Zotero and pandoc read: `citations.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.citation import Citation, citations

BULK = True
"""Holds all entries: a serve loop brings it up to date when somebody asks for it."""

_TYPES = {"conference": "paper-conference", "preprint": "article", "web": "webpage", "document": "document"}


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `citations.json`; an entry's own page carries its reference too."""
    cited = tuple(citations(newsletter))
    return [out.derive("citations.json", cited, lambda: csl_list(cited))]


def csl(cited: Citation) -> dict[str, object]:
    """One reference as a CSL item; names are literal, since nobody marked which part is the family name."""
    names = [*cited.authors, *["et al."] * cited.and_others]
    preprint = cited.kind == "preprint"
    item = {
        "id": cited.key,
        "type": _TYPES[cited.kind],
        "title": cited.title,
        "author": [{"literal": name} for name in names],
        "container-title": "" if preprint else cited.venue,
        "publisher": "arXiv" if preprint else "",
        "number": f"arXiv:{cited.arxiv}" if cited.arxiv else "",
        "issued": {"date-parts": [[cited.year]]} if cited.year else None,
        "DOI": cited.doi,
        "URL": cited.url,
    }
    return {name: value for name, value in item.items() if value}


def csl_list(cited: Iterable[Citation]) -> str:
    """References as a CSL-JSON file, one in a line."""
    return "[\n" + ",\n".join(_dumps(csl(one)) for one in cited) + "\n]\n"


_dumps = json.JSONEncoder(ensure_ascii=False).encode
