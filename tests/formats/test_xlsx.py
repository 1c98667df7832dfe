import io
import zipfile
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from probatum.newsletter.formats import summaries_xlsx
from probatum.newsletter.importing.sheet import import_sheet
from probatum.newsletter.output import Output
from probatum.newsletter.parts.rows import CLAIM_COLUMNS, ENTRY_COLUMNS, entry_rows

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "{=1}", "https://a.example/" + "x" * 3000, "mailto:a@b.example",
    "internal:Sheet1!A1", "external:c:\\x", "<r><t>raw</t></r>", "<r>&</r>", "_x0041_", "\x00\x08\x1b", "1e5",
    "TRUE", "﷐￾", " edge ", "]]>", "<!-- -->",
]  # fmt: skip


def written(newsletter, out):
    paths = summaries_xlsx.write(newsletter, out)
    out.commit(paths)
    return paths[0].read_bytes()


def with_summary(newsletter, text):
    hostile = replace(newsletter.entries["hostile"], summary=text, title=text, url=text)
    return replace(newsletter, entries={**newsletter.entries, "hostile": hostile})


def cell(data, entry, column):
    header, *rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Summaries").to_python()
    rows = [dict(zip(header, row, strict=True)) for row in rows]
    return next(row[column] for row in rows if row["Entry"] == entry)


def test_the_whole_archive_comes_back(sample_newsletter, out):
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(written(sample_newsletter, out)))
    assert sheet.sheet_names == ["Summaries", "Claims"]
    header, *rows = sheet.get_sheet_by_name("Summaries").to_python()
    assert header == list(ENTRY_COLUMNS)
    expected = [["" if cell is None else cell for cell in row] for row in entry_rows(sample_newsletter)]
    assert rows == expected
    header, *rows = sheet.get_sheet_by_name("Claims").to_python()
    assert header == list(CLAIM_COLUMNS)
    assert len(rows) == len(sample_newsletter.verdicts)


def test_years_and_measured_values_are_numbers(sample_newsletter, out):
    book = load_workbook(io.BytesIO(written(sample_newsletter, out)))
    year = ENTRY_COLUMNS.index("Year") + 1
    assert {row[0].data_type for row in book["Summaries"].iter_rows(2, min_col=year, max_col=year)} == {"n"}
    low = CLAIM_COLUMNS.index("Low") + 1
    assert -0.013 in {row[0].value for row in book["Claims"].iter_rows(2, min_col=low, max_col=low)}


@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_stays_text(sample_newsletter, out, text):
    data = written(with_summary(sample_newsletter, text), out)
    book = load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    assert not any("externalLinks" in name or "vba" in name for name in zipfile.ZipFile(io.BytesIO(data)).namelist())


@pytest.mark.parametrize("text", ["<r><t>raw</t></r>", "J<L weights & so on", "=1+1", "_x0041_", "a\nb", "🧠 深層"])
def test_text_is_read_as_it_was_written(sample_newsletter, out, text):
    data = written(with_summary(sample_newsletter, text), out)
    assert cell(data, "hostile", "Summary").rstrip(" ") == text


@pytest.mark.parametrize("text", ["a" * 40_000, "🧠" * 20_000])
def test_what_a_cell_cannot_hold_is_cut_and_says_so(sample_newsletter, out, text):
    found = cell(written(with_summary(sample_newsletter, text), out), "hostile", "Summary")
    assert len(found.encode("utf-16-le")) // 2 in (summaries_xlsx.LONGEST - 1, summaries_xlsx.LONGEST)
    assert found.endswith("; see https://tried.example/news/entries/hostile.html]")


def test_what_just_fits_is_whole(sample_newsletter, out):
    text = "a" * summaries_xlsx.LONGEST
    assert cell(written(with_summary(sample_newsletter, text), out), "hostile", "Summary") == text


def test_a_number_that_is_none_is_written_as_text(sample_newsletter, out):
    verdicts = {
        name: replace(verdict, measured=float("nan"), high=float("inf"))
        for name, verdict in sample_newsletter.verdicts.items()
    }
    book = load_workbook(io.BytesIO(written(replace(sample_newsletter, verdicts=verdicts), out)))
    measured = CLAIM_COLUMNS.index("Measured") + 1
    assert {row[0].value for row in book["Claims"].iter_rows(2, min_col=measured, max_col=measured)} == {"nan"}


def test_the_importer_reads_it_back(sample_newsletter, out, tmp_path):
    written(sample_newsletter, out)
    report = import_sheet(out.folder / "summaries.xlsx", tmp_path / "imported")
    assert (report.rows, report.issues) == (len(sample_newsletter.entries), len(sample_newsletter.issues))


def test_equal_content_makes_equal_bytes(sample_newsletter, tmp_path):
    first, second = (written(sample_newsletter, Output(tmp_path / name)) for name in "ab")
    assert first == second


def test_it_is_made_once_for_equal_content(sample_newsletter, out, monkeypatch):
    written(sample_newsletter, out)
    monkeypatch.setattr(summaries_xlsx, "_workbook", None)
    summaries_xlsx.write(replace(sample_newsletter), out)
