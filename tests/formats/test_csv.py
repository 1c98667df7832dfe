import csv
import io
from dataclasses import replace

import pytest

from probatum.newsletter.formats import summaries_csv
from probatum.newsletter.importing.sheet import import_sheet
from probatum.newsletter.parts.rows import CLAIM_COLUMNS, ENTRY_COLUMNS, entry_rows, unguarded

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=cmd|' /C calc'!A0", "＝1+1", "'=1",
    '=HYPERLINK("https://x.example";"y")', "- a list", '"=1', ",=1",
]  # fmt: skip


def table(out, name):
    (path,) = [path for path in out.folder.glob("*") if path.name == name]
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def built(sample_newsletter, out):
    out.commit(summaries_csv.write(sample_newsletter, out))
    return out


def test_it_is_utf8_with_a_mark_that_excel_understands(built):
    assert (built.folder / "summaries.csv").read_bytes().startswith(b"\xef\xbb\xbfCategory,Highlight?,")


def test_the_whole_archive_comes_back(sample_newsletter, built):
    header, *rows = table(built, "summaries.csv")
    assert header == list(ENTRY_COLUMNS)
    expected = [["" if cell is None else str(cell) for cell in row] for row in entry_rows(sample_newsletter)]
    assert [[unguarded(cell) for cell in row] for row in rows] == expected


def test_claims_have_their_own_table(built):
    header, *rows = table(built, "claims.csv")
    assert header == list(CLAIM_COLUMNS)
    first = dict(zip(header, rows[0], strict=True))
    assert float(first["Measured"]) == 2.13


def test_a_negative_number_stays_a_number(built):
    header, *rows = table(built, "claims.csv")
    assert "-0.013" in {row[header.index("Low")] for row in rows}


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(sample_newsletter, out, text):
    entry = sample_newsletter.entries["hostile"]
    fields = dict.fromkeys(("title", "venue", "hat_tip", "summary", "prerequisites", "read_more", "url"), text)
    hostile = replace(entry, **fields, authors=(text, text), email=text)
    newsletter = replace(sample_newsletter, entries={**sample_newsletter.entries, "hostile": hostile})
    out.commit(summaries_csv.write(newsletter, out))
    for row in table(out, "summaries.csv"):
        for cell in row:
            assert cell.lstrip()[:1] not in tuple("=+-@＝"), cell
            assert cell[:1] not in tuple("\t\r\n"), cell


def test_the_importer_reads_it_back(sample_newsletter, built, tmp_path):
    report = import_sheet(built.folder / "summaries.csv", tmp_path / "imported")
    assert (report.rows, report.issues) == (len(sample_newsletter.entries), len(sample_newsletter.issues))
    assert (tmp_path / "imported/issues/3.md").is_file()
    hostile = (tmp_path / "imported/entries/hostile.md").read_text()
    assert "venue: =1+1\n" in hostile.replace("'", "").replace('"', "")


def test_equal_content_makes_equal_bytes(sample_newsletter, tmp_path):
    from probatum.newsletter.output import Output

    files = []
    for name in "ab":
        out = Output(tmp_path / name)
        paths = summaries_csv.write(sample_newsletter, out)
        out.commit(paths)
        files.append([path.read_bytes() for path in paths])
    assert files[0] == files[1]
