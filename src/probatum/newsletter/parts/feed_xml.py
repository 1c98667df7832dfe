"""The XML of a feed, built as a tree, so that no text in it can be taken for a tag.

The standard library's trees are enough to write XML, and take a tenth of lxml's time to import.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring


def element(tag: str, *content: Element | str | None, **attributes: str) -> Element:
    """An element with text or children; a child that is None is left out.

    >>> serialize(element("item", element("title", "A & B"), None, id="1")).splitlines()[1]
    b'<item id="1"><title>A &amp; B</title></item>'
    """
    made = Element(tag, attributes)
    for part in content:
        if isinstance(part, str):
            made.text = part
        elif part is not None:
            made.append(part)
    return made


def optional(tag: str, text: str) -> Element | None:
    """An element with text, or nothing if there is none."""
    return element(tag, text) if text else None


def serialize(root: Element) -> bytes:
    """The document as UTF-8."""
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
