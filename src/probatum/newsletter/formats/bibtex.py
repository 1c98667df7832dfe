"""References to all summarized works as BibTeX, `citations.bib`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.citation import Citation, citations

BULK = True
"""Holds all entries: a serve loop brings it up to date when somebody asks for it."""

_TYPES = {"conference": "inproceedings", "preprint": "misc", "web": "misc", "document": "misc"}
_ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_"}
    | {
        # Braces must balance even where they are text, so that they too are commands.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_ONE_NAME = re.compile(r",|\band\b|^others$", re.IGNORECASE)


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `citations.bib`; an entry's own page carries its reference too."""
    cited = tuple(citations(newsletter))
    return [out.derive("citations.bib", cited, lambda: "\n".join(map(bibtex, cited)))]


def bibtex(cited: Citation) -> str:
    """Write one reference; it may be used with BibTeX and with biblatex."""
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(cited) if value)
    return f"@{_TYPES[cited.kind]}{{{cited.key},\n{fields}}}\n"


def _fields(cited: Citation) -> Iterator[tuple[str, str]]:
    # A title in braces of its own keeps its capitals.
    yield "title", f"{{{_escaped(cited.title)}}}"
    names = [*map(_name, cited.authors), *["others"] * cited.and_others]
    yield "author", " and ".join(names)
    if cited.kind == "conference":
        yield "booktitle", _escaped(cited.venue)
    elif cited.kind != "preprint":
        yield "howpublished", _escaped(cited.venue)
    yield "year", str(cited.year or "")
    yield "eprint", cited.arxiv
    yield "archiveprefix", "arXiv" if cited.arxiv else ""
    yield "doi", _address(cited.doi)
    yield "url", _address(cited.url)


def _name(name: str) -> str:
    """A name as it is written; one with a comma or an `and` in it is kept whole by braces."""
    return f"{{{_escaped(name)}}}" if _ONE_NAME.search(name) else _escaped(name)


def _escaped(text: str) -> str:
    return _CONTROL.sub("", text).translate(_ESCAPES)


def _address(url: str) -> str:
    """An address is read letter by letter, but braces and backslashes would still end the field."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~-._")
