"""A measurement as one HTML file: what was found, its pictures and numbers, and how to get the same again.

The file asks nothing of the network and runs no script. All words in it may come from a model that nobody
vouches for: they are escaped, and stand as text.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from probatum.report.colours import sheet
from probatum.report.numbers import download
from probatum.report.picture import svg
from probatum.report.tables import tables
from probatum.result import Result

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # or that turn text around


def report_html(
    result: Result,
    *,
    title: str,
    facts: Mapping[str, str],
    code: str,
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> str:
    """Return the page of a result; equal arguments give equal bytes.

    `facts`: what was measured and with what, by name. `code`: how to measure the same in Python. `notes`: what
    the measurement leaves out. `warnings`: what a reader must know before believing the numbers; a field
    `warnings` of the result is added to them. Raises `MissingExtra` without matplotlib.
    """
    seen: set[str] = set()
    fields = result.to_dict()
    pictures = [
        (number, _caption(caption, result), svg(draw, id=f"picture-{number}", seen=seen))
        for number, (caption, draw) in enumerate(result.pictures().items(), start=1)
    ]
    said = fields.pop("warnings", None) or ()
    page = _template().render(
        title=title,
        summary=_sentence(result.summary()),
        warnings=[*warnings, *([said] if isinstance(said, str) else said)],
        pictures=pictures,
        tables=tables(fields),
        meaning=_meaning(result),
        notes=notes,
        facts=facts,
        code=code.strip(),
        json=download(fields),
        style=(Path(__file__).with_name("style.css")).read_text(encoding="utf-8"),
        light=sheet(seen, dark=False),
        dark=sheet(seen, dark=True),
    )
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", page)


def _caption(caption: str, result: Result) -> str:
    """A picture without words of its own is called as its result is: ClusterabilityByK, "Clusterability by k"."""
    if caption != type(result).__name__:
        return caption
    return re.sub(r"(?<=.)([A-Z])", lambda capital: f" {capital[0].lower()}", caption)


def _sentence(text: str) -> str:
    starts = text[:1].upper() if text.partition(" ")[0].isalpha() else text[:1]  # a file's name stays as it is
    whole = starts + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
    return whole.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")


def _meaning(result: Result) -> list[list[tuple[bool, str]]]:
    """The paragraphs of the result's docstring that tell of its fields, in pieces: (is a name, text)."""
    paragraphs = [one for one in (inspect.getdoc(type(result)) or "").split("\n\n") if "`" in one]
    pieces = [re.split(r"``?([^`]+)``?", re.sub(r"\s+", " ", paragraph)) for paragraph in paragraphs]
    return [[(place % 2 == 1, piece) for place, piece in enumerate(paragraph)] for paragraph in pieces]


def _breakable(name: str) -> Markup:
    """A long name may end its line after a dot, a stroke or a slash."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([._/])(?=\w)", r"\1<wbr>", str(escape(name))))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    return environment.get_template("page.html")
