import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.newsletter.importing.cell_text import body, inert, one_line, prose
from probatum.newsletter.importing.opinions import heading, split
from probatum.newsletter.rendering.markdown import parse


@pytest.mark.parametrize(
    ("cell", "markdown"),
    [
        ("a <em> b </em>c", "a  *b* c"),
        ("<b>a</b><i>b</i>", "**a***b*"),
        ("<em>a\n\nb</em>", "<em>a\n\nb</em>"),
        ("`<em>a</em>` <em>b</em>", "`<em>a</em>` *b*"),
        ("<em></em> <em> </em> <EM>x</EM>", "<em></em> <em> </em> <EM>x</EM>"),
        ("  a\r\nb\rc \n", "a\nb\nc"),
        ("\n  \n\tcode\n", "\tcode"),
        ("a\x00b\x0bc", "a\ufffdb\nc"),
        ("J<L weights, p < 0.05", "J<L weights, p < 0.05"),
    ],
)
def test_prose(cell, markdown):
    assert prose(cell) == markdown


@given(
    st.lists(st.sampled_from(["{entry}`", "{claim}`", "`", "\\", "a", "{", "}", "\n", "\n\n", "- ", " "])).map("".join)
)
def test_no_role_survives(text):
    assert parse(inert(text)).roles == ()


@pytest.mark.parametrize("text", ["```\na", "~~~\na\n```", "```\na\n```\n```b"])
def test_code_fences_are_closed(text):
    assert body(text).startswith(text + "\n")
    assert body(body(text)) == body(text)


def test_one_line():
    assert one_line(" a\u2028 b\x85\tc  d\n") == "a b c  d"


def test_opinions_of_people_only():
    text = "**My friend's opinion:** no mark\n\n**ann lem's opinion**: mine"
    assert split(text, "Bob", ["ann lem"]) == [
        ("Bob", "**My friend's opinion:** no mark"),
        ("ann lem", "mine"),
    ]
    assert split("**Ann's opinion:**\n\n*Cy’s opinion*: x", "Bob", ()) == [("Ann", ""), ("Cy", "x")]
    assert heading("Ann (UK)") == "## Opinion (Ann [UK])"
