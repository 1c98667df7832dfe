"""Markdown: no character lost, no markup let through, references found."""

import html
import re

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.newsletter.rendering.markdown import Role, inline, parse, render
from probatum.newsletter.rendering.passages import Passage

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://e.example/a.png)',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://e.example "a" onmouseover="alert(1)")',
    "<iframe src=https://e.example></iframe>",
    "<style>*{display:none}</style>",
    "`<script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "{claim}`<script>alert(1)</script>`",
    "{entry}`x <javascript:alert(1)>`",
    '{evil}`"><script>alert(1)</script>`',
    '<a href="https://e.example" onclick="alert(1)">x</a>',
    '<math><mi xlink:href="javascript:alert(1)">',
    "\u202e<b>",
]

TAG = re.compile(r"<(/?[a-z][a-z0-9]*)((?:\s+[a-z-]+=\"[^\"<]*\")*)\s*/?>")


def rendered(text):
    return render(parse(text), lambda role: Passage(html=html.escape(role.target), text=role.target))


def assert_harmless(page):
    """Every `<` begins a known tag with known attributes; every address has a known scheme."""
    assert "<" not in TAG.sub("", page)
    for name, attributes in TAG.findall(page):
        assert name.strip("/") not in {
            "script",
            "style",
            "iframe",
            "svg",
            "img",
            "math",
            "object",
            "form",
            "input",
        }
        for attribute, value in re.findall(r'([a-z-]+)="([^"]*)"', attributes):
            assert attribute in {"href", "title", "class", "start", "rel"}
            if attribute == "href":
                assert re.match(r"(https?:|mailto:|\.\./)", html.unescape(value))
    assert (
        nh3.clean(
            page,
            attributes={
                "a": {"href", "title"},
                "span": {"class"},
                "strong": {"class"},
                "ol": {"start"},
                "p": {"class"},
            },
        )
        == page
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_text(attack):
    assert_harmless(rendered(attack).html)
    assert_harmless(inline(attack.replace("\n", " ")).html)


FRAGMENTS = st.lists(
    st.sampled_from([*ATTACKS, "a", " ", "\n\n", "*", "[", "](", ")", "`", "- ", "> ", "{claim}`"])
    | st.text(max_size=8),
    max_size=8,
).map("".join)


@given(FRAGMENTS)
def test_whatever_is_written_is_harmless(text):
    assert_harmless(rendered(text).html)


@given(st.text(alphabet="ab<>&\"' JL=o,", max_size=40))
def test_no_character_is_lost(text):
    page = rendered(text).html
    words = html.unescape(re.sub(r"</?(p|ul|li|blockquote|pre|code|ol|hr|h)[^>]*>", " ", page)).split()
    marks = re.compile(r"^[>=]+$")
    assert [w for w in "".join(words) if not marks.match(w)] == [w for w in text if w.strip() and not marks.match(w)]


def test_text_with_a_less_than_sign_is_kept():
    assert "J&lt;L weights" in rendered("a case with J<L weights) and more").html


def test_picture_becomes_a_link():
    assert rendered("![a plot](https://e.example/p.png)").html == (
        '<p><a href="https://e.example/p.png" rel="noopener noreferrer">a plot</a></p>\n'
    )


def test_roles_are_found_with_their_lines():
    text = "One\ntwo {claim}`c`\n\nthree {entry}`the text <some-id>`"
    assert parse(text).roles == ((Role("claim", "c", ""), 1), (Role("entry", "some-id", "the text"), 3))


def test_a_role_in_code_is_code():
    assert parse("`` {claim}`c` ``").roles == ()


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one *two* [three](https://e.example/)", "one two three <https://e.example/>"),
        ("<https://e.example/>", "https://e.example/"),
        ("intro\n- a\n- b\n  c\n\nafter", "intro\n\n- a\n- b c\n\nafter"),
        ("- a\\\n  b", "- a\n  b"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("- a\n\n  > quoted\n  > more", "- a\n\n  > quoted more"),
        ("> q\n>\n> r", "> q\n>\n> r"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
        ("```\nx = 1\n  y\n```", "x = 1\n  y"),
        ("# Heading\n\ntext", "Heading\n\ntext"),
    ],
)
def test_plain_text(markdown, text):
    assert rendered(markdown).text == text
