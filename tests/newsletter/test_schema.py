"""The boundary: whatever people or spreadsheets write in front matter, only what is harmless passes."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from probatum.newsletter.reading.schema import ClaimMatter, EntryMatter, NewsletterMatter

CLAIM = {"id": "c", "says": "S.", "reported": "r", "question": "reproduce", "scope": "exact"}
SCHEMES = st.sampled_from(["http://", "https://", "mailto:", "javascript:", "data:text/html,", "//", "HTTPS://", ""])


@given(SCHEMES, st.text(max_size=30))
def test_an_address_that_passes_can_stand_in_a_page(scheme, rest):
    try:
        url = EntryMatter(title="T", category="C", url=scheme + rest).url
    except ValidationError:
        return
    assert url == "" or re.match(r"(?i)https?://[^/]|mailto:", url)
    assert not re.search(r"[\s\"<>\x00-\x1f]", url)


@given(st.text(max_size=40))
def test_a_title_that_passes_is_one_line_without_control_characters(text):
    try:
        title = EntryMatter(title=text, category="C").title
    except ValidationError:
        return
    assert title.strip()
    assert "\n" not in title
    assert not any(
        unicodedata.category(letter) == "Cc" and letter not in "\t\x85" for letter in title if letter < "\x80"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"experiment": "x"}, "needs expect"),
        ({"experiment": "x", "expect": "z < 1", "cannot_run": "lost"}, "not both"),
        ({"expect": "__import__('os').system('x') < 1"}, "expect"),
        ({"expect": "z < 1 or z > 2"}, "expect"),
        ({"seeds": 0}, "greater than or equal to 1"),
        ({"id": "Not An Id"}, "pattern"),
        ({"tolerance": -1}, "greater than or equal to 0"),
    ],
)
def test_a_claim_that_cannot_be_tried_is_refused(change, says):
    with pytest.raises(ValidationError, match=says):
        ClaimMatter(**(CLAIM | change))


def test_yaml_numbers_in_text_fields_are_text():
    assert EntryMatter(title=1984, category="C").title == "1984"


def test_sections_have_a_short_form():
    matter = NewsletterMatter(title="T", sections=["A", {"B": ["C", {"name": "D", "was": ["E"]}]}])
    assert [section.name for section in matter.sections] == ["A", "B"]
    assert [child.name for child in matter.sections[1].children] == ["C", "D"]
