"""Colours of a picture that is read on light and on dark paper: each is a pair, and the style sheet chooses."""

from __future__ import annotations

import colorsys
import re

INK, SOFT, RULE, PAPER = "#211e1a", "#5c554b", "#d8d0c0", "#fcfaf5"
SERIES = {
    "#7d2b1a": "#eba690",
    "#2f6496": "#8dbbe4",
    "#a87600": "#e0bd62",
    "#3b7a52": "#8fcea4",
    "#74508f": "#c6a6e6",
    "#1f7f80": "#74cbca",
    "#b0467c": "#ee9bc4",
    "#6f7224": "#c4c977",
    "#c2602b": "#f2ab80",
    "#4c5a66": "#aebdc9",
}
"""Colours of lines and bars in the order in which they are used, with what they are on dark paper."""
_PAIRS = SERIES | {
    INK: "#e3ded3",
    "#000000": "#e3ded3",
    SOFT: "#aaa397",
    RULE: "#3b3a37",
    PAPER: "#161719",
    "#ffffff": "#161719",
}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


def on_dark(colour: str) -> str:
    """Return what stands for `colour` (#rrggbb) on dark paper: the same hue, light where it was dark.

    >>> on_dark("#ffffff"), on_dark("#303080")
    ('#161719', '#7979c7')
    """
    if colour in _PAIRS:
        return _PAIRS[colour]
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    turned = colorsys.hls_to_rgb(hue, 0.09 + 0.82 * (1 - lightness), saturation * 0.9)
    return "#" + "".join(f"{round(part * 255):02x}" for part in turned)


def named(style: str, seen: set[str]) -> str:
    """Return a style attribute with its colours as variables, and add the colours to `seen`."""

    def name(match: re.Match[str]) -> str:
        colour = match[0].lower()
        seen.add(colour)
        return f"var(--c{colour[1:]})"

    return _COLOUR.sub(name, style)


def sheet(seen: set[str], *, dark: bool) -> str:
    """Return the declarations of the variables that `named` put in."""
    return "".join(f"--c{colour[1:]}:{on_dark(colour) if dark else colour};" for colour in sorted(seen))
