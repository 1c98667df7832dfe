"""A result's picture as SVG inside a page: the same bytes for the same result, words as text, colours for any paper."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from io import StringIO
from typing import Any
from xml.etree import ElementTree

from probatum.errors import MissingExtra
from probatum.report.colours import INK, PAPER, SERIES, SOFT, named

WIDTH, HEIGHT = 5.8, 3.6  # inches, at 72 points each: letters can be read on a phone
HEAVY = 3_000  # points of a cloud, or cells of a grid, beyond which they are one image
LONGEST = 30  # letters of a label
_STYLE: Any = {
    "font.size": 10.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 10.5,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # a layer's name may hold dollar signs
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "figure.facecolor": "none",
    "figure.titlesize": 10.5,
    "savefig.facecolor": "none",
    "patch.edgecolor": PAPER,
    "image.cmap": "Greys",
    "svg.fonttype": "none",
    "svg.hashsalt": "probatum",
}
_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def svg(draw: Callable[[Any], Any], *, id: str, seen: set[str]) -> str:
    """Draw on a new axis and return the picture as an `svg` element, to be named by the element `id`-caption.

    `id` sets its names apart from those of other pictures on the page; the colours used are added to `seen`.
    Raises `MissingExtra` without matplotlib.
    """
    root = ElementTree.fromstring(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", _drawn(draw)))
    _clean(root, id, seen)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"class": "picture", "role": "img", "aria-labelledby": f"{id}-caption"})
    return ElementTree.tostring(root, encoding="unicode")


def _drawn(draw: Callable[[Any], Any]) -> str:
    import warnings

    try:
        import matplotlib
        from cycler import cycler
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plot", "matplotlib") from error
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that a font lacks, labels without room: the page shows them
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE | {"axes.prop_cycle": cycler(color=list(SERIES))})
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        draw(figure.add_subplot())
        _lighten(figure)
        file = StringIO()
        figure.savefig(file, format="svg", dpi=200, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _lighten(figure: Any) -> None:
    """Shorten long labels, and make one image of clouds and grids that would be thousands of shapes."""
    import numpy as np
    from matplotlib.collections import Collection, QuadMesh
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    for axes in figure.axes:
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set_text(textwrap.fill(label.get_text(), LONGEST + 10))
        for formatter in (axes.xaxis.get_major_formatter(), axes.yaxis.get_major_formatter()):
            if isinstance(formatter, FixedFormatter):
                formatter.seq = [_shortened(str(label)) for label in formatter.seq]
            elif isinstance(formatter, FuncFormatter):  # how matplotlib keeps labels that are set with their ticks
                formatter.func = _shortening(formatter.func)
    for artist in figure.findobj(lambda one: isinstance(one, Collection | Line2D | Text)):
        if isinstance(artist, Text):
            artist.set_text("\n".join(map(_shortened_line, artist.get_text().split("\n"))))
            continue
        if isinstance(artist, Line2D):
            shapes = np.size(artist.get_xdata()) if artist.get_marker() != "None" else 0
        elif isinstance(artist, QuadMesh):
            shapes = np.size(artist.get_coordinates()) // 2
        else:
            shapes = np.size(artist.get_offsets()) // 2
        if shapes > HEAVY:
            artist.set_rasterized(True)


def _shortened(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[:8]}…{label[9 - LONGEST :]}"  # layers differ at their ends


def _shortening(label: Callable[..., str]) -> Callable[..., str]:
    return lambda *place: _shortened(label(*place))


def _shortened_line(line: str) -> str:
    return line if len(line) <= 90 else f"{line[:45]}…{line[-44:]}"


def _clean(root: ElementTree.Element, id: str, seen: set[str]) -> None:
    """Keep what draws: no metadata or style sheet, no names but those referred to, and these of this picture's own."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    used = {link[1:] for element in root.iter() if (link := element.get(_LINK, "")).startswith("#")}
    used |= {name for element in root.iter() for value in element.attrib.values() for name in _REFERENCE.findall(value)}
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if _LINK in element.attrib:
            link = element.attrib.pop(_LINK)
            element.set("href", f"#{id}-{link[1:]}" if link.startswith("#") else link)
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{id}-{name}")
        for key, value in element.attrib.items():
            element.set(key, _REFERENCE.sub(rf"url(#{id}-\1)", value))
        if style := element.get("style"):
            element.set("style", named(style, seen))
