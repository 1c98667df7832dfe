from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.newsletter.content import Entry, Newsletter, Opinion
from probatum.newsletter.parts.rows import CLAIM_COLUMNS, ENTRY_COLUMNS, claim_rows, entry_rows, guarded, unguarded
from probatum.newsletter.parts.sheet_notation import SheetNotation

ALIGNMENT_NEWSLETTER = [
    "Category", "Highlight?", "Title", "Authors", "Venue", "Year", "H/T", "Email", "Summarizer", "Summary",
    "My opinion", "Prerequisites", "Read more", "URL",
]  # fmt: skip


def rows(newsletter: Newsletter) -> dict[str, dict[str, object]]:
    found = [dict(zip(ENTRY_COLUMNS, row, strict=True)) for row in entry_rows(newsletter)]
    return {str(row["Entry"]): row for row in found}


def changed(newsletter: Newsletter, id: str, **fields: object) -> Newsletter:
    entry = replace(newsletter.entries[id], **fields)
    return replace(newsletter, entries={**newsletter.entries, id: entry})


def test_the_first_columns_are_the_alignment_newsletters():
    assert list(ENTRY_COLUMNS[:14]) == ALIGNMENT_NEWSLETTER


def test_every_published_entry_is_one_row(sample_newsletter):
    assert list(rows(sample_newsletter)) == [entry.id for entry in sample_newsletter.ordered]


def test_the_columns_say_what_the_entry_says(sample_newsletter):
    row = rows(sample_newsletter)["branch-specialization"]
    assert row["Category"] == "Deep learning"
    assert row["Highlight?"] == "Highlight"
    assert row["Authors"] == "Chelsea Voss*, Gabriel Goh*, Nick Cammarata"
    assert row["Year"] == 2021
    assert row["H/T"] == "Dana"
    assert row["Email"] == "TT #3"
    assert row["URL"] == "https://distill.example/2020/branch?a=1&b=2"
    assert row["Page"] == "https://tried.example/news/entries/branch-specialization.html"


def test_a_title_is_kept_as_markdown(sample_newsletter):
    assert rows(sample_newsletter)["two-posts"]["Title"].startswith("[First post](https://a.example/1) and ")


def test_a_former_category_is_written_by_its_present_name(sample_newsletter):
    newsletter = changed(sample_newsletter, "hostile", category="AI strategy and policy")
    assert rows(newsletter)["hostile"]["Category"] == "AI governance"


@pytest.mark.parametrize(
    ("title", "email"),
    [
        ("Alignment Newsletter", "AN #2"),
        ("Probatum", "Probatum #2"),
        ("Tried & Tested", "TT #2"),
        ("C# 2026", "C2026 #2"),
    ],
)
def test_the_email_is_the_newsletters_initials_and_the_issue(sample_newsletter, title, email):
    config = replace(sample_newsletter.config, title=title)
    assert rows(replace(sample_newsletter, config=config))["hostile"]["Email"] == email


def test_what_a_sheet_said_of_the_email_is_kept(sample_newsletter):
    assert rows(sample_newsletter)["archived"]["Email"] == "N/A"
    assert rows(changed(sample_newsletter, "archived", email=""))["archived"]["Email"] == ""


def opinions(*authors: str) -> tuple[Opinion, ...]:
    return tuple(Opinion(author=author, body=f"\n{author} thinks.\n", line=1) for author in authors)


@pytest.mark.parametrize(
    ("summarizer", "authors", "expected"),
    [
        ("A", [], ("A", "")),
        ("A", ["A"], ("A", "A thinks.")),
        ("A", ["B"], ("A/B", "B thinks.")),
        ("A", ["A", "B"], ("A", "A thinks.\n\n**B's opinion:** B thinks.")),
        ("A", ["B", "C"], ("A/B", "B thinks.\n\n**C's opinion:** C thinks.")),
        ("", ["B"], ("", "**B's opinion:** B thinks.")),
    ],
)
def test_opinions_by_others_are_written_as_the_sheet_does(sample_newsletter, summarizer, authors, expected):
    entry = Entry(id="x", title="X", category="News", summarizer=summarizer, opinions=opinions(*authors), path=Path())
    assert SheetNotation(sample_newsletter).opinions(entry) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See {entry}`weight-banding`.", "See <@Weight Banding@>."),
        ("See {entry}`this work <weight-banding>`.", "See <@this work@>(@Weight Banding@)."),
        ("See {entry}`WEIGHT banding`.", "See <@Weight Banding@>."),
        ("See {entry}`two-posts`.", "See <@First post and second post@>."),
        ("See {entry}`nothing there`.", "See <@nothing there@>."),
        ("a {set} of `code` and J<L", "a {set} of `code` and J<L"),
        ("{claim}`unknown`", "{claim}`unknown`"),
        ("\n\n    code first\n", "    code first"),
    ],
)
def test_references_are_written_in_the_sheets_notation(sample_newsletter, text, expected):
    entry = sample_newsletter.entries["branch-specialization"]
    assert SheetNotation(sample_newsletter).text(entry, text) == expected


def test_a_claim_in_the_text_is_its_sentence_with_the_verdict_beside_it(sample_newsletter):
    newsletter = changed(sample_newsletter, "weight-banding", summary="Note: {claim}`pooling-makes-bands`.")
    summary = rows(newsletter)["weight-banding"]["Summary"].replace("\N{NO-BREAK SPACE}", " ")
    assert summary.startswith("Note: Networks with global average pooling show banding. [✗ refuted; reported: ")
    assert "score = 0.021 (95 % interval −0.013 to 0.055), n = 5" in summary
    assert "reduced scope" in summary


def test_claims_stand_line_by_line(sample_newsletter):
    row = rows(sample_newsletter)["weight-banding"]
    assert row["Claims"] == 3
    assert row["Claim ids"] == "pooling-makes-bands\ndense-heads-do-not\nbands-rotate"
    assert row["Verdicts"] == "✗ refuted\n? not enough info\n↻ stale (was: supported)"
    assert row["Measured"] == "score = 0.021\nscore = 0.04\ngap - rotated = 0.31"
    assert row["Interval"] == "−0.013 to 0.055\n–\n0.28 to 0.34"
    assert row["N"] == "5\n1\n5"
    assert row["Scope"].endswith("\nanalogue (reproduce)")


def test_an_exact_recomputation_and_a_conjunction_are_told(sample_newsletter):
    row = rows(sample_newsletter)["branch-specialization"]
    assert row["Measured"].split("\n")[0] == "share = 1 and p = 1.68e−09"
    assert row["Interval"].split("\n")[0] == "exact"


def test_an_entry_without_claims_has_none(sample_newsletter):
    row = rows(sample_newsletter)["only-a-link"]
    assert row["Claims"] == 0
    assert row["Verdicts"] == ""


def test_every_claim_is_one_row_with_numbers(sample_newsletter):
    found = {row[0]: dict(zip(CLAIM_COLUMNS, row, strict=True)) for row in claim_rows(sample_newsletter)}
    assert list(found) == [claim.name for claim in sample_newsletter.claims()]
    banding = found["weight-banding/pooling-makes-bands"]
    assert (banding["Measured"], banding["Low"], banding["High"], banding["N"]) == (0.021, -0.013, 0.055, 5)
    assert banding["Verdict"] == "✗ refuted"
    assert banding["Carried from"] == "0f1e2d3c4b5a6978"
    assert found["branch-specialization/units-in-one-branch"]["Parameters"] == '{"layer": "mixed3a_5x5"}'
    assert found["uber-tiefe-netze/larger-is-faster"]["Expectation changed"] == "yes"


@given(st.text(alphabet="'=+-@\t\r\n \xa0ab＝") | st.text())
def test_a_guarded_text_is_no_formula_and_comes_back(text):
    cell = guarded(text)
    assert cell.lstrip()[:1] not in tuple("=+-@＝")
    assert cell[:1] not in tuple("\t\r\n")
    assert unguarded(cell) == text
