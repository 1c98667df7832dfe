"""Each issue as plain text, the other half of its mail: lines of 72 characters, addresses unbroken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path

from probatum.newsletter import urls
from probatum.newsletter.content import Branch, Entry, Issue, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.issue_fragment import denominator, inputs, name, printable
from probatum.newsletter.rendering.markdown import sentence
from probatum.newsletter.rendering.passages import Rendered
from probatum.newsletter.wording import day

WIDTH = 72

_MARKS = re.compile(r"(?:> |- |\d+\. | )*")
_GAP = re.compile(r"\n{4,}")
_HREF = re.compile(r'<a href="([^"]*)"')


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `email/<number>.txt` for every issue."""
    return [
        out.derive(f"email/{issue.number}.txt", inputs(newsletter, issue), partial(_mail, newsletter, issue))
        for issue in newsletter.issues
    ]


def wrap(text: str) -> str:
    """Break lines at spaces; what follows keeps its line's indentation and quote marks.

    >>> print(wrap("- " + "word " * 15))
    - word word word word word word word word word word word word word word
      word
    """
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line if len(line) <= WIDTH else _wrap(line) for line in lines)


def _wrap(line: str) -> str:
    marks = _marks(line)
    indent = re.sub(r"[^> ]", " ", marks)
    width = max(WIDTH - len(marks), 24)
    # A word that is longer than a line stands on a line of its own.
    pieces = re.findall(rf"(\S{{{width},}}|.{{1,{width}}})(?:\s+|$)", line[len(marks) :])
    return "\n".join([marks + pieces[0], *(indent + piece for piece in pieces[1:])])


def _marks(line: str) -> str:
    match = _MARKS.match(line)
    return match[0] if match else ""


def _mail(newsletter: Newsletter, issue: Issue) -> str:
    text = wrap(printable("\n".join(_blocks(newsletter, issue))))
    return _GAP.sub("\n\n\n", text).strip("\n") + "\n"


def _blocks(newsletter: Newsletter, issue: Issue) -> Iterator[str]:
    """The issue from top to bottom, each block ending in an empty line."""
    config = newsletter.config
    yield name(newsletter, issue)
    if issue.date:
        yield day(issue.date)
    yield f"On the web: <{config.url}{urls.issue(issue)}>\n"
    if words := newsletter.words[issue.number].summary.text:
        yield f"{words}\n"
    yield f"{denominator(newsletter, issue)}\n"
    for branch in newsletter.outline(issue):
        yield _heading(branch)
        for entry in branch.entries:
            yield from _entry(entry, newsletter.rendered[entry.id])
    for label, words in (("FEEDBACK", config.feedback), ("PODCAST", config.podcast)):
        if words:
            yield f"\n{label}\n{'=' * len(label)}\n\n{sentence(words).text}\n"


def _heading(branch: Branch) -> str:
    title, rule = (branch.name.upper(), "=") if branch.level == 1 else (branch.name, "-")
    return f"\n{title}\n{rule * min(len(title), WIDTH)}\n"


def _entry(entry: Entry, text: Rendered) -> Iterator[str]:
    yield text.title.text
    yield from (f"<{address}>" for address in _addresses(entry, text))
    if text.byline:
        yield text.byline
    yield ""
    labelled = (
        ("Prerequisites:", text.prerequisites.text),
        ("Read more:", text.read_more.text),
        *((f"{author}'s opinion:", opinion.text) for author, opinion in text.opinions),
    )
    if text.summary:
        yield f"{text.summary.text}\n"
    for label, words in labelled:
        if words:
            # A list or a quote begins on a line of its own.
            space = "\n\n" if _marks(words) else " "
            yield f"{label}{space}{words}\n"
    yield ""


def _addresses(entry: Entry, text: Rendered) -> list[str]:
    """Where the title leads: the links in it, if it holds several, or the work's address."""
    links = [unescape(link) for link in _HREF.findall(text.title.html)]
    return links or ([entry.url] if entry.url else [])
