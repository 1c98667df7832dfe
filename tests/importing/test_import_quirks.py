from pathlib import Path

import pytest
import sheet_files
from pydantic import ValidationError
from sheet_files import QUIRKS, row, write_csv, write_xlsx

from probatum.newsletter.reading.schema import EntryMatter
from probatum.newsletter.rendering.markdown import render
from probatum.newsletter.rendering.passages import Passage
from probatum.newsletter.web_address import web_address

CSV = Path(__file__).with_name("quirks.csv")


def test_every_row_becomes_an_entry_that_the_reader_accepts(quirks):
    assert quirks.report.rows == quirks.report.entries == len(quirks.entries) == len(QUIRKS)


def test_the_committed_csv_is_the_same_sheet(do_import, tmp_path, quirks):
    assert CSV.read_bytes().decode() == sheet_files.as_csv(QUIRKS)
    assert do_import(CSV, tmp_path).entries.keys() == quirks.entries.keys()
    for file in sorted(tmp_path.rglob("*.md")):
        assert file.read_bytes() == (quirks.folder / file.relative_to(tmp_path)).read_bytes()


def test_columns_are_found_by_name(do_import, tmp_path, quirks):
    sheet = write_csv(tmp_path / "a.csv", QUIRKS, tuple(reversed(sheet_files.COLUMNS)))
    assert do_import(sheet, tmp_path / "n").entries.keys() == quirks.entries.keys()


def test_front_matter(quirks):
    assert quirks.matter("robots-that-garden") == {
        "title": "Robots that garden",
        "url": "https://example.org/garden",
        "authors": ["Ada Lem*", "Bo Ray*", "Cy Dunn"],
        "venue": "arXiv",
        "year": 2019,
        "category": "Problems",
        "highlight": True,
        "summarizer": "Rohin Shah",
    }
    assert quirks.matter("edges-and-lines")["title"] == "Edges and lines"
    assert quirks.matter("edges-and-lines")["authors"] == ["Ada Lem", "Bo Ray", "Cy Dunn"]
    assert quirks.matter("edges-and-lines")["venue"] == "A venue: with #1"
    assert quirks.matter("and-others")["authors"] == "Ada Lem, Bo Ray, and the Garden group"
    assert quirks.matter("yes") == {
        "title": "yes", "url": "https://example.org/a", "authors": ["No", "Null"], "venue": "2018",
        "category": "News",
    }  # fmt: skip
    assert quirks.entries["reading-on"].hat_tip == "Xuan Tan"


def test_opinions_are_split_and_people_have_one_name(quirks):
    def opinions(id):
        return [(opinion.author, opinion.body.strip()) for opinion in quirks.entries[id].opinions]

    assert opinions("robots-that-garden") == [
        ("Rohin Shah", "Good work."), ("Flo Dorner", "I disagree.\n\nStrongly."),
    ]  # fmt: skip
    assert opinions("the-curly-quote") == [
        ("Dan Hendrycks", "Fine."), ("Rohin Shah", "Fine too."), ("Asya Bergal", "And I."),
    ]  # fmt: skip
    assert quirks.entries["two-writers"].summarizer == "Rohin Shah"
    assert opinions("two-writers") == [("Robert", "By the other.")]
    assert quirks.report.split_opinions == 3
    assert opinions("indented") == []


def test_an_opinion_without_a_summary_stands_as_the_summary(quirks):
    entry = quirks.entries["opinion-alone"]
    assert (entry.summarizer, entry.summary.strip()) == ("Asya Bergal", "This reads like a summary.")
    assert any("opinion without a summary" in note for note in quirks.report.noted)


def _text(quirks, id):
    def resolve(role):
        return Passage(html="", text=f"[{role.target}|{role.text}]")

    return render(quirks.files[id].summary, resolve).text


def test_cross_references(quirks):
    assert "see [planting-by-numbers|]." in _text(quirks, "robots-that-garden")
    assert _text(quirks, "the-curly-quote") == "One [planting-by-numbers|sees] code here."
    assert _text(quirks, "theory-of-rules") == "An [theory-of-rules|_odd_ `x` <text>]."
    assert _text(quirks, "ends-in-bold") == "See a <https://example.org> ([same-title|])."
    assert _text(quirks, "lost-reference") == "After a bang (No such post) and Nor this."
    assert quirks.report.resolved == 4
    assert quirks.report.unresolved == (
        "No such post (row 20, lost-reference)", "Nor this (row 20, lost-reference)",
    )  # fmt: skip


def test_a_title_is_found_without_its_markdown(do_import, tmp_path):
    rows = [row("A *new* [link](https://example.org/1)"), row("B", summarizer="Ann", summary="See <@a new link@>.")]
    imported = do_import(write_csv(tmp_path / "a.csv", rows), tmp_path / "n")
    assert imported.entries["b"].summary.strip() == "See {entry}`a new link <a-new-link>`."


def test_text_that_looks_like_markup_stays(quirks):
    text = _text(quirks, "less-than-text")
    assert "J<L weights" in text
    assert "<o, a, o'>" in text
    assert "independent of <em>." in text
    assert "*independent* of `<em>`" in quirks.entries["less-than-text"].summary


def test_hostile_roles_have_no_power(quirks):
    assert quirks.files["hostile"].roles == ()
    assert _text(quirks, "hostile") == "{claim}x and {entry}y and \\{claim}z {entry}robots"


def test_headings_in_a_cell_do_not_cut_it(quirks):
    entry = quirks.entries["headings"]
    assert "Still the summary." in entry.summary
    assert "## Motivation" in entry.summary
    assert [(opinion.author, opinion.body.strip()) for opinion in entry.opinions] == [("Rohin Shah", "Mine.")]
    assert _text(quirks, "headings").count("Opinion (Somebody)") == 1


def test_indentation_that_means_code_stays(quirks):
    assert quirks.files["indented"].summary.tokens[0].type == "code_block"


def test_titles_that_are_links_or_stand_twice(quirks):
    entry = quirks.entries["first-post-and-second-post"]
    assert entry.title == QUIRKS[5]["Title"]
    assert entry.url == ""
    (other,) = [id for id in quirks.entries if id.startswith("same-title-")]
    assert quirks.issues[3].entries == ("same-title", "jobs-open")
    assert quirks.issues[4].entries == (other,)
    assert sum(id == "x" or id.startswith("x-") for id in quirks.entries) == 2


def test_rows_in_no_issue_keep_what_their_mail_was_called(quirks):
    listed = {id for issue in quirks.issues.values() for id in issue.entries}
    unlisted = {id: quirks.entries[id].email for id in quirks.entries.keys() - listed}
    assert unlisted == {"internal": "Recon #4", "not-applicable": "N/A", "no-address-at-all": ""}
    assert quirks.report.unissued == 3
    assert {quirks.entries[id].email for id in listed} == {""}


def test_sections_old_and_unlisted(quirks):
    assert quirks.config.sections["AI strategy and policy"].name == "AI governance"
    assert quirks.config.sections["Miscellaneous (alignment)"].name == "Miscellaneous (Alignment)"
    assert quirks.config.sections["Gardening: tools"].retired
    assert quirks.config.editor == "Rohin Shah"


def test_bare_titles_refer_to_entries(quirks):
    assert quirks.entries["reading-on"].prerequisites == "{entry}`planting-by-numbers`"
    assert quirks.entries["reading-on"].read_more == QUIRKS[19]["Read more"]


def test_what_fits_nowhere_is_reported(quirks):
    told = [line for line in quirks.report.unplaced if "dubious-cells" in line]
    assert len(told) == 3
    assert all(any(word in line for line in told) for word in ("'soon'", "'perhaps'", "'javascript:alert(1)'"))
    text = "\n".join(quirks.report.lines())
    assert "no entry is called this: No such post" in text
    assert "'javascript:alert(1)'" in text


def test_the_variant_with_hyperlinked_titles(do_import, tmp_path):
    columns = tuple(name for name in sheet_files.COLUMNS if name != "URL")
    rows = [row("A", year="2018", readmore="The [long] paper", url=""), row("B", year="2019.0", url="")]
    links = {
        (2, "Title"): "https://example.org/one#part",
        (2, "Read more"): "https://example.org/p_(1)",
        (3, "Title"): "https://example.org/two",
    }
    sheet = write_xlsx(tmp_path / "a.xlsx", rows, columns, links=links, floats=True, empty_strings=True)
    found = do_import(sheet, tmp_path / "n").entries
    assert (found["a"].url, found["a"].year) == ("https://example.org/one#part", 2018)
    assert found["a"].read_more == "[The \\[long\\] paper](<https://example.org/p_(1)>)"
    assert (found["b"].url, found["b"].year) == ("https://example.org/two", 2019)


def test_a_hyperlink_that_contradicts_the_address_is_reported(do_import, tmp_path):
    links = {(2, "Title"): "https://example.org/elsewhere", (3, "Title"): "https://example.org/a/#same"}
    sheet = write_xlsx(tmp_path / "a.xlsx", [row("A"), row("B")], links=links)
    imported = do_import(sheet, tmp_path / "n")
    assert imported.entries["a"].url == imported.entries["b"].url == "https://example.org/a"
    assert len(imported.report.unplaced) == 1
    assert "https://example.org/elsewhere" in imported.report.unplaced[0]


def test_another_newsletters_sheet_gets_its_own_settings(do_import, tmp_path):
    rows = [row("A", category="Bees", email="BN #1"), row("B", category="Wasps", email="BN #2")]
    imported = do_import(write_csv(tmp_path / "a.csv", rows), tmp_path / "n")
    assert imported.config.title == "BN"
    assert [section.name for section in imported.config.sections.top] == ["Bees", "Wasps"]
    assert set(imported.issues) == {1, 2}


def test_names_without_a_row_and_rows_without_a_name(do_import, tmp_path):
    rows = [
        row("", category="", summary="Text."),
        row("A", summary="Text.", myopinion="More.", summarizer=""),
        row("B", summarizer="Ann/Bob", summary="Text."),
    ]
    imported = do_import(write_csv(tmp_path / "a.csv", rows), tmp_path / "n")
    (nameless,) = (entry for id, entry in imported.entries.items() if id.startswith("x-"))
    assert (nameless.title, nameless.category) == ("Untitled", "Uncategorized")
    assert imported.entries["a"].people == ("unnamed",)
    assert [line for line in imported.report.unplaced if "Bob" in line]


def test_columns_that_entries_do_not_have_are_reported(do_import, tmp_path):
    rows = [row("A") | {"Notes": "secret"}]
    sheet = write_csv(tmp_path / "a.csv", rows, (*sheet_files.COLUMNS, "Notes"))
    assert any("'Notes' (1 cells)" in line for line in do_import(sheet, tmp_path / "n").report.unplaced)


def test_our_own_sheet_gives_ids_and_takes_its_apostrophes_off(do_import, tmp_path):
    rows = [row("=A title", summarizer="Ann", summary="'- a list") | {"Entry": "my-id", "Page": "https://x.org/"}]
    sheet = write_csv(tmp_path / "a.csv", rows, (*sheet_files.COLUMNS, "Entry", "Page"))
    imported = do_import(sheet, tmp_path / "n")
    assert imported.entries["my-id"].summary.strip() == "- a list"
    assert imported.report.unplaced == ()


def test_dates_from_a_side_file(do_import, tmp_path):
    dates = tmp_path / "dates.csv"
    dates.write_text("Number,Date,Title\n1,2018-04-09,The first: one\n7,2018-05-01,\n", encoding="utf-8")
    imported = do_import(write_csv(tmp_path / "a.csv", [row("A")]), tmp_path / "n", dates=dates)
    assert (imported.issues[1].title, str(imported.issues[1].date)) == ("The first: one", "2018-04-09")
    assert imported.report.unplaced == ("the date of issue 7, which the sheet does not have",)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a b",
        "HTTP://EXAMPLE.org",
        "ftp://x",
        "mailto:a@b.org",
        "https://",
        "//x",
        "x.org",
    ],
)
def test_addresses_are_those_that_the_schema_accepts(url):
    try:
        accepted = EntryMatter(title="T", category="C", url=url).url == url
    except ValidationError:
        accepted = False
    assert bool(web_address(url)) == accepted
