"""The text part of a mail."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from probatum.newsletter import wording
from probatum.newsletter.byline import author_line, byline
from probatum.newsletter.formats import text
from probatum.newsletter.formats.text import WIDTH, wrap


@pytest.fixture
def mails(sample_newsletter, publish):
    return publish(text, sample_newsletter)


def _flat(mail):
    return " ".join(mail.split())


def test_an_issue_follows_the_newsletters_order(mails):
    mail = mails["email/3.txt"]
    expected = [
        "Tried & Tested #3: An overview of structure",
        "21 April 2021",
        "Dear reader",
        "7 claims, 5 run: 2 supported, 1 refuted",
        "HIGHLIGHTS",
        "Branch Specialization",
        "<https://distill.example/2020/branch?a=1&b=2>",
        "(Chelsea Voss, Gabriel Goh et al) (summarized by Ada Øster) (H/T Dana)",
        "Networks have parts.",
        "Prerequisites: Zoom In",
        "Read more: The Circuits thread",
        "Ada Øster's opinion: I like it.",
        "Ben's opinion: So do I",
        "TECHNICAL AI ALIGNMENT",
        "Problems\n--------",
        "TuringAdvice",
        "Interpretability\n-------",
        "\nWeight Banding\n",
        "FEEDBACK",
        "Reply to this e-mail",
        "PODCAST",
        "There is an audio version",
    ]
    places = [mail.find(piece) for piece in expected]
    assert -1 not in places, expected[places.index(-1)]
    assert places == sorted(places)


def test_a_highlight_is_not_repeated_and_empty_branches_are_left_out(mails):
    mail = mails["email/3.txt"]
    assert mail.count("\nBranch Specialization\n") == 1
    assert "PROGRESS IN AI" not in mail and "Deep learning" not in mail
    assert "MALICIOUS" not in mail


def test_every_verdict_stands_beside_its_sentence(sample_newsletter, mails):
    for issue in sample_newsletter.issues:
        mail = _flat(mails[f"email/{issue.number}.txt"])
        for claim in sample_newsletter.claims(issue):
            verdict = sample_newsletter.verdicts[claim.name]
            words, evidence = wording.verdict_words(claim, verdict), wording.evidence(claim, verdict)
            assert _flat(f"{claim.says} [{words}; {evidence}]") in mail


def test_an_empty_sentence_leaves_its_block_out(sample_newsletter, publish):
    silent = replace(sample_newsletter, config=replace(sample_newsletter.config, feedback="", podcast=""))
    mail = publish(text, silent)["email/3.txt"]
    assert "FEEDBACK" not in mail and "PODCAST" not in mail


def test_links_in_the_end_keep_their_address(sample_newsletter, publish):
    config = replace(sample_newsletter.config, podcast="[Listen](https://tried.example/p) to it.")
    mail = publish(text, replace(sample_newsletter, config=config))["email/3.txt"]
    assert "Listen <https://tried.example/p> to it." in mail


def test_a_title_made_of_links_gives_all_addresses(mails):
    assert "First post and second post\n<https://a.example/1>\n<https://a.example/2>\n" in mails["email/1.txt"]


def test_no_line_is_long_unless_a_single_word_is(mails):
    for mail in mails.values():
        for line in mail.splitlines():
            assert len(line) <= WIDTH or " " not in line
            assert line == line.rstrip()


def test_no_control_character_gets_through(mails):
    assert not re.search(r"[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "".join(mails.values()))


def test_an_entry_may_be_only_a_link_and_an_issue_without_date(mails):
    assert "A workshop on nothing\n(the organizers and their friends)\n" in mails["email/2.txt"]
    assert mails["email/2.txt"].startswith(
        "Tried & Tested #2\nOn the web: <https://tried.example/news/issues/2.html>\n"
    )


def test_it_is_made_again_only_where_something_changed(sample_newsletter, out):
    text.write(sample_newsletter, out)
    out.commit(text.write(sample_newsletter, out))
    rendered = dict(sample_newsletter.rendered)
    rendered["two-posts"] = replace(rendered["two-posts"], key="edited")
    made = []
    original = out.derive

    class Watched:
        def derive(self, path, inputs, make):
            return original(path, inputs, lambda: made.append(path) or make())

    text.write(replace(sample_newsletter, rendered=rendered), Watched())
    assert made == ["email/1.txt"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("> " + "word " * 20, "> " + "word " * 13 + "word\n> word word word word word word"),
        ("  12. " + "word " * 14, "  12. " + "word " * 12 + "word\n      word"),
        (
            "see <https://a.example/" + "x" * 80 + "> there",
            "see\n<https://a.example/" + "x" * 80 + ">\nthere",
        ),
        ("", ""),
        ("x" * 200, "x" * 200),
    ],
)
def test_wrapping(before, after):
    assert wrap(before) == after


@pytest.mark.parametrize(
    ("authors", "line"),
    [
        ((), ""),
        ("", ""),
        (("Ann",), "Ann"),
        (("Ann*",), "Ann"),
        (("Ann", "Bo", "Cy"), "Ann et al"),
        (("Ann*", "Bo*", "Cy"), "Ann, Bo et al"),
        (("Ann*", "Bo *"), "Ann, Bo"),
        ("Ann, Bo and friends", "Ann, Bo and friends"),
    ],
)
def test_author_line(authors, line):
    assert author_line(authors) == line


def test_byline_leaves_out_what_is_unknown(sample_newsletter):
    assert byline(sample_newsletter.entries["only-a-link"]) == "(the organizers and their friends)"
    assert byline(replace(sample_newsletter.entries["only-a-link"], authors=())) == ""
