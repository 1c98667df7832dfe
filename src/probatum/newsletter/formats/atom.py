"""The latest issues as an Atom feed (RFC 4287), complete, for feed readers."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from probatum.newsletter.content import Config, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.feed_items import NO_DATE, Item, feed_inputs, items
from probatum.newsletter.parts.feed_xml import element, optional, serialize

PATH = "atom.xml"


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `atom.xml`: the latest 20 issues.

    An issue without a date was `updated` when the last one before it was, or else in 1970.
    """
    return [out.derive(PATH, feed_inputs(newsletter), lambda: _feed(newsletter.config, items(newsletter)))]


def _feed(config: Config, feed: list[Item]) -> bytes:
    updated = max((item.updated for item in feed), default=NO_DATE)
    root = element(
        "feed",
        element("id", config.url),
        element("title", config.title),
        optional("subtitle", config.description),
        element("updated", updated.isoformat()),
        element("author", element("name", config.editor or config.title)),
        element("link", href=config.url, rel="alternate", type="text/html"),
        element("link", href=config.url + PATH, rel="self", type="application/atom+xml"),
        optional("rights", config.licence),
        *(_entry(item) for item in feed),
        **{"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": config.language},
    )
    return serialize(root)


def _entry(item: Item) -> Element:
    return element(
        "entry",
        element("id", item.url),
        element("title", item.title),
        element("link", href=item.url, rel="alternate", type="text/html"),
        optional("published", item.published.isoformat() if item.published else ""),
        element("updated", item.updated.isoformat()),
        optional("summary", item.summary),
        element("content", item.html, type="html"),
    )
