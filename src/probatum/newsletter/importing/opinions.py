"""Opinions of several people in one cell, told apart by lines that begin `**Name's opinion:**`."""

from __future__ import annotations

import re
from collections.abc import Collection

from probatum.newsletter.importing.cell_text import trimmed

_MARK = re.compile(
    r"^(?P<sign>\*\*|\*|__|_)(?P<name>[^\s*_][^\n*_]{0,60}?)['’]s opinion(?:(?P=sign):|:(?P=sign))[ \t]*",
    re.MULTILINE,
)


def split(text: str, author: str, people: Collection[str]) -> list[tuple[str, str]]:
    """Cut a cell into (author, text) pairs: what stands before the first mark is `author`'s.

    A name counts if it is one of `people`, or if all its words begin with a capital.

    >>> split("Good.\\n\\n**Ann's opinion:** Bad.", "Bob", ())
    [('Bob', 'Good.'), ('Ann', 'Bad.')]
    """
    marks = [mark for mark in _MARK.finditer(text) if mark["name"] in people or _capital(mark["name"])]
    ends = [match.start() for match in marks] + [len(text)]
    first = trimmed(text[: ends[0]])
    pairs = [(author, first)] if first else []
    pairs.extend((mark["name"], trimmed(text[mark.end() : end])) for mark, end in zip(marks, ends[1:], strict=True))
    return pairs


def _capital(name: str) -> bool:
    return all(word[0].isupper() for word in name.split())


def heading(author: str) -> str:
    """The heading of an opinion's section; square brackets stand for round ones, which would end it early."""
    return f"## Opinion ({author.translate(str.maketrans('()', '[]'))})"
