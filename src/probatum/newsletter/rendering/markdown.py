"""Markdown read with HTML off: parsed once, then written as sanitized HTML and as plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.myst_role import myst_role_plugin

from probatum.newsletter.rendering.passages import Passage
from probatum.newsletter.rendering.plain_text import plain_text
from probatum.newsletter.web_address import web_address

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "small", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "span": {"class"},
    "strong": {"class"},
    "ol": {"start"},
    "p": {"class"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(?:/[A-Za-z0-9._~/?=#-]*)?")
_SIGN = re.compile(r"[\n!&*<\[\]\\_`{~]")
_TARGET = re.compile(r"^(?P<text>.*\S)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
_MARKUP = re.compile(r"[\\`*_\[\]<>&!{}~\"\n]|  ")
"""A line without any of these is plain text to the parser too, so that it need not be asked."""


@dataclass(frozen=True)
class Role:
    """A reference, `{claim}`id`` or `{entry}`text <id>``."""

    kind: Literal["claim", "entry"]
    target: str
    text: str


@dataclass(frozen=True)
class Document:
    """A parsed text; `roles` are the references in it, each with its line from 0 at the text's start."""

    tokens: Sequence[Token]
    roles: tuple[tuple[Role, int], ...]


Resolve = Callable[[Role], Passage]
"""Says what a role stands for, as inline HTML and as text."""


def parse(text: str) -> Document:
    """Read blocks of Markdown."""
    tokens = _parser().parse(text) if text else []
    return Document(tokens, tuple(_roles(tokens)) if "{" in text else ())


def render(document: Document, resolve: Resolve) -> Passage:
    """Write a parsed text as sanitized HTML and as plain text, each role as `resolve` says."""
    if not document.tokens:
        return Passage()
    resolved = {role: resolve(role) for role, _ in document.roles}
    parser = _parser()
    raw = parser.renderer.render(document.tokens, parser.options, {"roles": resolved})
    return Passage(
        html=_CLEANER.clean(raw),
        text=plain_text(document.tokens, lambda token: _role_of(token, resolved).text),
    )


def inline(text: str) -> Passage:
    """Write one line of Markdown (a title) without a paragraph around it."""
    if not _MARKUP.search(text):
        return Passage(html=text, text=text)
    parser = _parser()
    tokens = parser.parseInline(text)
    raw = parser.renderer.render(tokens, parser.options, {"roles": {}})
    return Passage(html=_CLEANER.clean(raw), text=plain_text(tokens, lambda token: token.content, links=False))


@cache
def sentence(text: str) -> Passage:
    """Write a text in which nothing is referred to, such as one of `newsletter.yaml`."""
    return render(parse(text), lambda role: Passage())


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(myst_role_plugin)
    parser.validateLink = _allowed  # type: ignore[method-assign]
    parser.normalizeLink = _normal  # type: ignore[method-assign]
    parser.inline.ruler.at("text", _text)
    parser.add_render_rule("myst_role", _render_role)
    parser.add_render_rule("image", _render_image)
    # A body stands below its entry's own heading, on several pages at several depths: it gets no heading levels.
    parser.add_render_rule("heading_open", _render_heading_open)
    parser.add_render_rule("heading_close", _render_heading_close)
    return parser


def _text(state: StateInline, silent: bool) -> bool:
    """Take text up to the next sign that one of the rules in use begins with.

    The library's own rule stops at every sign that any plugin might want, such as each hyphen and colon.
    """
    found = _SIGN.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _normal(url: str) -> str:
    """Most addresses are normal already, and asking the library costs a tenth of all parsing."""
    return url if _PLAIN_ADDRESS.fullmatch(url) else normalizeLink(url)


def _allowed(url: str) -> bool:
    return bool(web_address(url))


def _render_role(_: Any, tokens: Sequence[Token], index: int, __: Any, env: Mapping[str, Any]) -> str:
    return _role_of(tokens[index], env["roles"]).html


def _render_image(_: Any, tokens: Sequence[Token], index: int, __: Any, ___: Any) -> str:
    """A picture elsewhere would tell its server who reads; it becomes a link to it."""
    token = tokens[index]
    source = html.escape(str(token.attrs["src"]))
    return f'<a href="{source}">{html.escape(token.content) or "picture"}</a>'


def _render_heading_open(*_: Any) -> str:
    return '<p class="heading"><strong>'


def _render_heading_close(*_: Any) -> str:
    return "</strong></p>\n"


def _role_of(token: Token, resolved: Mapping[Role, Passage]) -> Passage:
    literal = f"{{{token.meta['name']}}}`{token.content}`"
    return resolved.get(_role(token)) or Passage(html=html.escape(literal), text=literal)


def _role(token: Token) -> Role:
    """Split `text <target>` as in `{entry}`text <target>``; a bare target has no text."""
    match = _TARGET.match(token.content)
    target, text = (match["target"], match["text"]) if match else (token.content, "")
    return Role(token.meta["name"], target.strip(), text.strip())


def _roles(tokens: Sequence[Token]) -> list[tuple[Role, int]]:
    found = []
    for block in tokens:
        for token in block.children or ():
            if token.type == "myst_role" and token.meta["name"] in ("claim", "entry"):
                before = block.content.partition(token.content)[0].count("\n")
                found.append((_role(token), (block.map[0] if block.map else 0) + before))
    return found
