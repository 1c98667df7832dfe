"""Markdown's tokens written as plain text: what the text part of a mail and the search index read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

_BULLET = "- "


def plain_text(tokens: Sequence[Token], role: Callable[[Token], str], *, links: bool = True) -> str:
    """Write blocks as paragraphs with an empty line between them, list items with `- ` or a number.

    `role` says what a reference reads as; with `links`, an address follows its text as ` <address>`.
    """
    page = _Page([], [])
    counters: list[int | None] = []
    row: list[str] | None = None
    tight = False
    for token in tokens:
        kind = token.type
        if kind == "inline":
            text = _inline(token.children or (), role, links)
            if row is not None:
                row.append(text)
                continue
            page.add(text, tight)
        elif kind in ("fence", "code_block"):
            page.add(token.content.rstrip("\n"))
        elif kind == "hr":
            page.add("* * *")
        elif kind in ("bullet_list_open", "ordered_list_open"):
            counters.append(int(token.attrs.get("start", 1)) if kind == "ordered_list_open" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
        elif kind == "list_item_open":
            page.marks.append(_item_mark(counters))
        elif kind == "blockquote_open":
            page.marks.append("> ")
        elif kind in ("list_item_close", "blockquote_close"):
            page.marks.pop()
        elif kind == "tr_open":
            row = []
        elif kind == "tr_close" and row is not None:
            page.add(" | ".join(row), tight)
            row = None
        # An item or row that follows another stands right below it; every other block stands off.
        tight = kind in ("list_item_close", "tr_close") or (tight and kind in _BETWEEN)
    return "\n".join(page.lines).strip("\n")


_BETWEEN = {"list_item_open", "paragraph_open", "thead_close", "tbody_open", "tr_open", "td_open", "td_close"}


@dataclass
class _Page:
    """Lines written so far, and what the next line begins with: one mark for each open list or quote."""

    lines: list[str]
    marks: list[str]
    above: tuple[str, ...] = ()

    def add(self, text: str, tight: bool = False) -> None:
        first = "".join(self.marks)
        # A list's mark is written once, then it is indentation; a quote's stands on every line.
        self.marks[:] = [mark if mark == "> " else " " * len(mark) for mark in self.marks]
        rest = "".join(self.marks)
        if self.lines and not tight:
            shared = [mark for mark, other in zip(self.marks, self.above, strict=False) if mark == other == "> "]
            self.lines.append("".join(shared).rstrip())
        self.above = tuple(self.marks)
        head, *tail = text.split("\n")
        self.lines.append(first + head)
        self.lines.extend(rest + line for line in tail)


def _item_mark(counters: list[int | None]) -> str:
    number = counters[-1]
    if number is None:
        return _BULLET
    counters[-1] = number + 1
    return f"{number}. "


def _inline(tokens: Sequence[Token], role: Callable[[Token], str], links: bool) -> str:
    parts: list[str] = []
    address: list[tuple[str, int]] = []
    for token in tokens:
        kind = token.type
        if kind in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif kind in ("softbreak", "hardbreak"):
            parts.append(" " if kind == "softbreak" else "\n")
        elif kind == "myst_role":
            parts.append(role(token))
        elif kind == "link_open":
            address.append((str(token.attrs["href"]), len(parts)))
        elif kind == "link_close" and address:
            url, start = address.pop()
            if links and "".join(parts[start:]) != url:
                parts.append(f" <{url}>")
        elif kind == "image":
            parts.append(f"{token.content} <{token.attrs['src']}>")
    return "".join(parts)
