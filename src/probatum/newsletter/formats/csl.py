"""References to the summarized works as CSL-JSON, which Zotero and pandoc read: `entries/<id>.csl.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from probatum.newsletter.citation import Citation, citation, told
from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.output import Output

_TYPES = {"conference": "paper-conference", "preprint": "article", "web": "webpage", "document": "document"}


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write a `.csl.json` file for each entry: a list of one, as CSL-JSON files are lists."""
    return [
        out.derive(f"entries/{id}.csl.json", told(entry), partial(_file, newsletter, entry))
        for id, entry in newsletter.entries.items()
    ]


def _file(newsletter: Newsletter, entry: Entry) -> str:
    return csl_list([citation(newsletter, entry)])


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
