"""Who wrote a work and who summarized it, in one line of plain text: the newsletter's byline."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.newsletter.content import Entry

STAR = "*"
"""Behind a name: a joint first author."""


def author_line(authors: Sequence[str] | str) -> str:
    """Name the first author, or all joint first authors, of a work.

    A string is taken as it is.

    >>> author_line(["Ann Lee"]), author_line(["Ann Lee", "Bo Ek"]), author_line("Ann Lee and friends")
    ('Ann Lee', 'Ann Lee et al', 'Ann Lee and friends')
    >>> author_line(["Ann Lee*", "Bo Ek*", "Cy Fox"])
    'Ann Lee, Bo Ek et al'
    """
    if isinstance(authors, str):
        return authors
    first = [author.rstrip(STAR).rstrip() for author in authors if author.endswith(STAR)]
    first = first or list(authors[:1])
    return ", ".join(first) + (" et al" if len(first) < len(authors) else "")


def byline(entry: Entry) -> str:
    """The line under an entry's title: authors, summarizer and hat tip, each in parentheses.

    The parts that are unknown are left out.
    """
    parts = (
        author_line(entry.authors),
        entry.summarizer and f"summarized by {entry.summarizer}",
        entry.hat_tip and f"H/T {entry.hat_tip}",
    )
    return " ".join(f"({part})" for part in parts if part)
