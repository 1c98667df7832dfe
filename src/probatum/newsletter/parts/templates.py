"""The templates of pages, mails and feeds: whatever is not marked safe in them is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from probatum.newsletter import urls, wording
from probatum.newsletter.rendering.markdown import sentence
from probatum.newsletter.web_address import web_address

FOLDER = Path(__file__).parents[1] / "templates"


@cache
def get(name: str) -> Template:
    """Load a template, once for all builds of this process."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(urls=urls, wording=wording)
    environment.filters["web_address"] = web_address
    environment.filters["sentence"] = lambda text: Markup(sentence(text).html)
    return environment
