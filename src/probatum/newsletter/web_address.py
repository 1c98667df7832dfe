"""Which addresses a page may link to: those that lead to a page or a mail and run nothing."""

from __future__ import annotations

import re

_WEB_ADDRESS = re.compile(r"(?:https?://[^\s/?#<>\"]+|mailto:)[^\s<>\"]*", re.IGNORECASE)


def web_address(url: str) -> str:
    """Return `url` if a reader may follow it, else nothing.

    >>> web_address("https://a.example/"), web_address("javascript:alert(1)")
    ('https://a.example/', '')
    """
    return url if _WEB_ADDRESS.fullmatch(url) else ""
