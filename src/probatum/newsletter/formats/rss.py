"""The latest issues as RSS 2.0, complete, for feed readers."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from probatum.newsletter.content import Config, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.feed_items import Item, feed_inputs, items
from probatum.newsletter.parts.feed_xml import element, optional, serialize

PATH = "feed.xml"

_SPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `feed.xml`: the latest 20 issues; one without a date has no `pubDate`."""
    return [out.derive(PATH, feed_inputs(newsletter), lambda: _feed(newsletter.config, items(newsletter)))]


def _feed(config: Config, feed: list[Item]) -> bytes:
    last = max((item.published for item in feed if item.published), default=None)
    channel = element(
        "channel",
        element("title", config.title),
        element("link", config.url),
        element("description", config.description or config.title),
        element("language", config.language),
        optional("copyright", config.licence),
        optional("lastBuildDate", _date(last)),
        element("atom:link", href=config.url + PATH, rel="self", type="application/rss+xml"),
        *(_item(item, config) for item in feed),
    )
    return serialize(element("rss", channel, version="2.0", **_SPACES))


def _item(item: Item, config: Config) -> Element:
    return element(
        "item",
        element("title", item.title),
        element("link", item.url),
        element("guid", item.url, isPermaLink="true"),
        optional("pubDate", _date(item.published)),
        optional("dc:creator", config.editor),
        optional("description", item.summary),
        element("content:encoded", item.html),
    )


def _date(moment: datetime | None) -> str:
    return format_datetime(moment) if moment else ""
