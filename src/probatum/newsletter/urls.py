"""Where everything lies on the site: one place, so that all formats agree."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

from probatum.claims.claim import Claim
from probatum.newsletter.content import Entry, Issue

UP = "../"
"""How a page one folder deep reaches the site's root; every rendered body is written for such a page."""


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """Turn a name into lower-case letters, digits and hyphens, fit for a file name.

    >>> slug("Preventing bad behavior"), slug("强化学习")
    ('preventing-bad-behavior', 'x-bba76413')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"x-{sha256(text.encode()).hexdigest()[:8]}"


def issue(issue: Issue | int) -> str:
    """The page of an issue."""
    return f"issues/{issue if isinstance(issue, int) else issue.number}.html"


def entry(entry: Entry | str) -> str:
    """The page of an entry."""
    return f"entries/{entry if isinstance(entry, str) else entry.id}.html"


def claim(claim: Claim) -> str:
    """The page of a claim."""
    return f"claims/{claim.entry}.{claim.id}.html"


def crate(claim: Claim) -> str:
    """The RO-Crate of a claim's trials."""
    return f"claims/{claim.entry}.{claim.id}.crate.zip"


def category(name: str) -> str:
    """The page of a category."""
    return f"categories/{slug(name)}.html"


def person(name: str) -> str:
    """The page of a person."""
    return f"people/{slug(name)}.html"


def absolute(html: str, site: str) -> str:
    """Make the links of a rendered body absolute, for mail and feeds that are read elsewhere."""
    return html.replace(f'href="{UP}', f'href="{site}')
