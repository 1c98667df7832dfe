"""References to all summarized works in one file: `citations.bib` and, as CSL-JSON, `citations.json`."""

from __future__ import annotations

from pathlib import Path

from probatum.newsletter.citation import citations
from probatum.newsletter.content import Newsletter
from probatum.newsletter.formats.bibtex import bibtex
from probatum.newsletter.formats.csl import csl_list
from probatum.newsletter.output import Output

BULK = True
"""Holds all entries: a serve loop brings it up to date when somebody asks for it."""


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `citations.bib` and `citations.json`."""
    cited = tuple(citations(newsletter))
    return [
        out.derive("citations.bib", cited, lambda: "\n".join(map(bibtex, cited))),
        out.derive("citations.json", cited, lambda: csl_list(cited)),
    ]
