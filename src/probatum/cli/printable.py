"""Text for a terminal: names from somebody's file may hold letters that would steer it."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace what is no letter, sign, space or end of line."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)
