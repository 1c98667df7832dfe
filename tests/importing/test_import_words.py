"""No word of any cell is lost: counted row by row, on the real sheet, on every quirk, and on arbitrary text."""

import re
import tempfile
from pathlib import Path

import words
from hypothesis import given, settings
from hypothesis import strategies as st
from sheet_files import COLUMNS, QUIRKS, row, write_csv

from probatum.newsletter.importing.ids import ids_of
from probatum.newsletter.importing.limits import Limits
from probatum.newsletter.importing.mails import Mails
from probatum.newsletter.importing.sheet import _table, import_sheet
from probatum.newsletter.importing.table import sheet_of

NAMES = {
    "Rohin": "Rohin Shah", "Flo": "Flo Dorner", "Zach": "Zachary Robertson", "Dan H": "Dan Hendrycks",
    "Asya": "Asya Bergal", "Sudhanshu": "Sudhanshu Kasewa", "Xuan": "Xuan Tan",
}  # fmt: skip


def lost_words(path, folder, unplaced=""):
    """What is missing in the files of a sheet, by row."""
    rows = sheet_of(_table(path, Limits())).rows
    mails = Mails.of(rows)
    issues = {row.number: mails.issue(row) for row in rows if mails.issue(row) is not None}
    ids = ids_of(rows, issues)
    titles = {ids[row.number]: row["Title"] for row in rows}
    for number, issue in issues.items():
        assert f"  - {ids[number]}\n" in (folder / "issues" / f"{issue}.md").read_text().replace('"', "")
    assert len(ids) == len(set(ids.values())) == len(rows)
    lost = {}
    for entry in rows:
        wanted = words.of_cells(entry.cells, NAMES)
        there = words.of_file(folder / "entries" / f"{ids[entry.number]}.md", titles) + words.words(unplaced)
        if missing := wanted - there:
            lost[entry.number] = missing
    return lost


def test_no_word_of_the_quirks_is_lost(quirks):
    path = Path(__file__).with_name("quirks.csv")
    assert lost_words(path, quirks.folder, " ".join(quirks.report.unplaced)) == {}


def test_no_word_of_the_real_sheet_is_lost(real):
    assert lost_words(real.sheet, real.folder) == {}


def test_the_count_notices_a_lost_word(tmp_path):
    sheet = write_csv(tmp_path / "a.csv", [row("A", summarizer="Rohin", summary="one two two")])
    import_sheet(sheet, tmp_path / "n")
    file = tmp_path / "n" / "entries" / "a.md"
    file.write_text(file.read_text().replace("two two", "two"))
    assert lost_words(sheet, tmp_path / "n") == {2: {"two": 1}}


SIGNS = (
    *("<@A@>", "<@a@>(@B b@)", "<@", "@>", "(@", "@)", "{entry}`A`", "{claim}`x`", "{entry}", "`", "``", "\\", "B b"),
    *("<em>", "</em>", "<b>", "</b>", "[x](", ")", "<A>", ": ", " #", "    ", "\n\n", "\r\n", "\x00", "---\n", "```\n"),
    *("\n## Opinion (X)\n", "\n**Flo's opinion:** ", "\n*Nobody’s opinion*: ", "\n| a | b |\n|---|---|\n"),
)
TEXTS = st.lists(st.text(max_size=12) | st.sampled_from(SIGNS), max_size=12).map("".join)
ROWS = st.builds(
    row,
    st.sampled_from(["A", "B b", "C", "a"]) | TEXTS,
    summary=TEXTS,
    myopinion=TEXTS,
    readmore=TEXTS,
    venue=TEXTS,
    summarizer=st.sampled_from(["Rohin", "", "Ann/Bob"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_no_word_of_any_sheet_is_lost_and_the_reader_accepts_it(rows):
    from probatum.newsletter.reading.reader import read_source

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "n"
        sheet = write_csv(Path(name) / "a.csv", rows)
        report = import_sheet(sheet, folder)
        source = read_source(folder)
        assert len(source.entries) == report.rows
        both = [cells for cells in rows if cells["Summary"].strip() and cells["My opinion"].strip()]
        assert sum(bool(file.entry.opinions) for file in source.entries.values()) >= len(both)
        roles = [role for file in source.entries.values() for role, _ in file.roles]
        assert {role.kind for role in roles} <= {"entry"}
        # In a code span or behind a backslash a reference is none; a cell that is but a title becomes one.
        assert len(roles) <= report.resolved + report.rows
        if not re.search(r"[`\\]", "".join(text for cells in rows for text in cells.values())):
            assert lost_words(sheet, folder, " ".join(report.unplaced)) == {}


def test_the_quirks_use_every_column():
    assert {name for cells in QUIRKS for name, text in cells.items() if text} == set(COLUMNS)
