"""A search that needs no server: a page, and an index in small files that its script loads as it needs them.

The files are scripts that hand over their data, since a page that was opened from disk may not fetch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.memory import Memory
from probatum.newsletter.output import Output
from probatum.newsletter.parts.page import Pages
from probatum.newsletter.parts.search_index import CHUNK, PIECES, STOP_WORDS, WEIGHTS, SearchIndex
from probatum.newsletter.rendering.passages import Rendered

SNIPPET = 180
"""Characters of the summary that stand below a result."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_INDEX = SearchIndex()
_SHOWN = Memory()


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write search.html and search/*.js."""
    pages = Pages(newsletter, out)
    entries = pages.newest
    _INDEX.update(newsletter, entries)
    names = _INDEX.pieces()
    about = {
        "pieces": tuple(names),
        "modulus": PIECES,
        "weights": WEIGHTS,
        "stop": " ".join(sorted(STOP_WORDS)),
        "chunk": CHUNK,
        "lengths": tuple(_INDEX.lengths),
    }
    return [
        pages.write("search.html", "search.html", (), lambda: {"title": "Search"}),
        out.derive("search/about.js", tuple(about.values()), lambda: _handed("about", about)),
        *(out.derive(f"search/{name}.js", _INDEX.versions[name], partial(_postings, name)) for name in names),
        *_chunks(newsletter, out, entries),
    ]


def _chunks(newsletter: Newsletter, out: Output, entries: Sequence[Entry]) -> list[Path]:
    shown = [_shown(newsletter, entry) for entry in entries]
    return [
        out.derive(f"search/{name}.js", chunk, partial(_handed, name, chunk))
        for start in range(0, len(shown), CHUNK)
        for name, chunk in [(f"entries-{start // CHUNK}", tuple(shown[start : start + CHUNK]))]
    ]


def _shown(newsletter: Newsletter, entry: Entry) -> tuple[object, ...]:
    """What a result shows: title, page, issue, byline and the summary's first words."""
    text = newsletter.rendered[entry.id]
    number = newsletter.issue_of.get(entry.id)
    return _SHOWN.recall(entry.id, (text.key, entry.digest, number), lambda: _result(entry, text, number))


def _result(entry: Entry, text: Rendered, number: int | None) -> tuple[object, ...]:
    snippet = " ".join(text.summary.text[: SNIPPET + 1].split())
    if len(text.summary.text) > SNIPPET:
        snippet = snippet.rpartition(" ")[0] + " …"
    return text.title.text, entry.id, number, text.byline, snippet


def _postings(name: int) -> str:
    return _handed(name, _INDEX.postings(name))


def _handed(name: str | int, data: Any) -> str:
    return f"searchPiece({_ENCODER.encode(str(name))},{_ENCODER.encode(data)})\n"
