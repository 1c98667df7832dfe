"""A cell's text made fit for a Markdown file, without changing what it says."""

from __future__ import annotations

import re

_UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\r\n?|[\v\f]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_WHITE_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
_INDENTED = re.compile(r" {0,3}(?=\S)")
_ENDS_OF_LINE = re.compile("[\n\t\x85\u2028\u2029]+")
_HTML_EMPHASIS = re.compile(
    r"(?<!`)(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
    r"|<(?P<tag>em|i|strong|b)>(?P<text>(?:(?!\n\n|</|<(?P=tag)>).)+)</(?P=tag)>",
    re.DOTALL,
)
_ROLE = re.compile(r"\{[a-zA-Z0-9_\-+:]+\}`")
_OPINION_HEADING = re.compile(r"^(## Opinion[ \t]*)\(", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)

REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """One kind of line end; a control character, which no file may hold, becomes the sign for a lost one."""
    return _CONTROL.sub(REPLACEMENT, _LINE_ENDS.sub("\n", text)) if _UNCLEAN.search(text) else text


def unreadable(text: str) -> int:
    """How many control characters `clean` has to give up."""
    return len(_CONTROL.findall(text))


def one_line(text: str) -> str:
    """A text for one line: what stood on several is joined by spaces.

    >>> one_line("Fei Deng, \\nFeng Chen\\t")
    'Fei Deng, Feng Chen'
    """
    text = clean(text).strip()
    return " ".join(part.strip() for part in _ENDS_OF_LINE.split(text)) if _ENDS_OF_LINE.search(text) else text


def trimmed(text: str) -> str:
    """Drop white space at the edges, but not an indentation that makes the first line code."""
    text = _WHITE_LINES.sub("", text.rstrip())
    indentation = _INDENTED.match(text)
    return text[indentation.end() :] if indentation else text


def inert(text: str) -> str:
    """Take the power from what would be a role, so that a sheet cannot refer to claims.

    >>> print(inert("see {claim}`x`"))
    see \\{claim}`x`
    """
    return _ROLE.sub(_escape, text) if "}`" in text else text


def _escape(match: re.Match[str]) -> str:
    """A backslash more, unless an odd number of them has escaped the brace already."""
    start = match.start()
    while start and match.string[start - 1] == "\\":
        start -= 1
    return match[0] if (match.start() - start) % 2 else "\\" + match[0]


def prose(text: str) -> str:
    """A cell of several paragraphs as Markdown: `<em>` becomes `*`, the rest stays as it was written."""
    text = trimmed(clean(text))
    if "</" in text:
        text = _HTML_EMPHASIS.sub(_emphasis, text)
    return inert(text)


def body(text: str) -> str:
    """Prose that stands in an entry's body: no heading of an opinion in it, every code fence closed."""
    if "## Opinion" in text:
        text = _OPINION_HEADING.sub(r"\1\(", text)
    fenced = ""
    for fence in _FENCE.findall(text):
        fenced = "" if fenced == fence else fenced or fence
    return f"{text}\n{fenced}" if fenced else text


def _emphasis(match: re.Match[str]) -> str:
    """Signs go close to the words, where Markdown wants them; what stands in backticks is code and stays."""
    words = (match["text"] or "").strip()
    if not words:
        return match[0]
    sign = "*" if match["tag"] in ("em", "i") else "**"
    return match["text"].replace(words, f"{sign}{words}{sign}", 1)
