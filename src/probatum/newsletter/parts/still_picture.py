"""Whether a file is a picture that a browser shows without running anything in it.

An SVG may hold scripts, links and whole pages. Inside a page's `img` they sleep, but not for a reader who opens the
file by itself: hence only drawings made of a few known elements are shown.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

_RASTER = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = """
svg g defs title desc metadata style path rect circle ellipse line polyline polygon text tspan clipPath use
linearGradient radialGradient stop marker pattern symbol image
"""
_DRAWN = frozenset(_ELEMENTS.split())
_WITHIN = ("#", "data:image/png;", "data:image/jpeg;")


def is_still(path: Path) -> bool:
    """Tell by its ending, and for an SVG by its contents, whether `path` may be shown."""
    return path.suffix in _RASTER or (path.suffix == ".svg" and _title(path) is not None)


def title(path: Path) -> str:
    """What a picture says of itself, where it does."""
    return (_title(path) or "") if path.suffix == ".svg" else ""


@lru_cache(maxsize=1024)
def _title(path: Path) -> str | None:
    """The title of a still SVG, None for another; a name that is a digest stands for its contents for ever."""
    text = path.read_bytes()
    if b"<!ENTITY" in text or b"<?xml-stylesheet" in text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
    if not all(_still(element) for element in root.iter()):
        return None
    return " ".join((root.findtext(f"{_SVG}title") or "").split())


def _still(element: ElementTree.Element) -> bool:
    if not element.tag.startswith(_SVG):
        # Elements of other vocabularies (metadata) draw nothing, save those of XHTML.
        return "w3.org/1999/xhtml" not in element.tag and element.tag.startswith("{")
    attributes = ((name.rpartition("}")[2].lower(), value) for name, value in element.attrib.items())
    return element.tag.removeprefix(_SVG) in _DRAWN and all(
        not name.startswith("on") and (name != "href" or value.strip().startswith(_WITHIN))
        for name, value in attributes
    )
