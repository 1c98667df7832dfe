"""Hostile and broken files: a clear error, and nothing written."""

import zipfile
from xml.sax.saxutils import escape

import pytest
from sheet_files import COLUMNS, QUIRKS, row, write_csv, write_xlsx

from probatum.errors import ProbatumError
from probatum.newsletter.importing.limits import Limits
from probatum.newsletter.importing.sheet import import_sheet
from probatum.newsletter.importing.workbook import read_workbook


@pytest.fixture
def refused(tmp_path):
    def check(path, match, **limits):
        with pytest.raises(ProbatumError, match=match):
            import_sheet(path, tmp_path / "n", limits=Limits(**limits))
        assert not (tmp_path / "n").exists()

    return check


def package(path, **parts):
    """A workbook of the given parts, by file name without its folder."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            parts.pop("workbook", '<workbook><sheets><sheet name="S"/></sheets></workbook>'),
        )
        for name, text in parts.items():
            archive.writestr(names.get(name, name), text)
    return path


def sheet_xml(*rows):
    cells = "".join(f"<row>{''.join(cells)}</row>" for cells in rows)
    return f"<worksheet><sheetData>{cells}</sheetData></worksheet>"


def inline(text):
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


HEADER = [inline(name) for name in COLUMNS]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_too_many_rows_or_too_long_a_cell(tmp_path, refused, write):
    path = write(tmp_path / f"a{'.csv' if write is write_csv else '.xlsx'}", [row("A"), row("B", summary="x" * 99)])
    refused(path, "2 rows, and at most 1 are read", rows=1)
    refused(path, r"row 3: 99 characters in one cell, and at most 50", cell=50)
    refused(path, r"bytes, and at most 10 are read", file_bytes=10)
    assert import_sheet(path, tmp_path / "n", limits=Limits(rows=2, cell=99)).rows == 2


def test_a_zip_bomb_is_not_unzipped(tmp_path, refused):
    refused(package(tmp_path / "a.xlsx", sheet=b" " * (4 << 20)), "times larger when unzipped")
    refused(package(tmp_path / "a.xlsx", sheet=b" " * (4 << 20)), "bytes when unzipped", unzipped_bytes=1 << 20)


def test_one_long_text_in_every_cell(tmp_path, refused):
    long = package(
        tmp_path / "a.xlsx",
        sheet=sheet_xml(HEADER, *[['<c t="s"><v>0</v></c>'] * 14] * 20),
        strings=f"<sst><si><t>{'x' * 1000}</t></si></sst>",
    )
    refused(long, "characters up to here", characters=100_000)
    refused(long, "cells, and at most 100", cells=100)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_entities_are_refused_where_they_are_declared(tmp_path, refused, declaration):
    refused(package(tmp_path / "a.xlsx", sheet=declaration + sheet_xml(HEADER)), "declares a document type")
    strings = package(tmp_path / "b.xlsx", sheet=sheet_xml(HEADER), strings=declaration + "<sst/>")
    refused(strings, "declares a document type")


def test_a_cell_far_out_takes_no_memory(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576" t="str"><v>far</v></c></row>'
    path = package(tmp_path / "a.xlsx", sheet=f"<worksheet><sheetData>{far}</sheetData></worksheet>")
    assert read_workbook(path, Limits()).rows == {1048576: {16383: "far"}}


@pytest.mark.parametrize(
    ("name", "data", "match"),
    [
        ("a.xlsx", b"", "is neither an .xlsx workbook nor a .csv file"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "old or an encrypted Excel file"),
        ("a.ods", b"PK\x03\x04junk", "is no whole .xlsx file"),
        ("a.pdf", b"%PDF-1.7", "is neither"),
        ("a.csv", "Title\nÄ".encode("latin-1"), "byte 0xc4 on line 2 is not UTF-8"),
        ("a.csv", "Title".encode("utf-16"), "is UTF-16"),
        ("a.csv", b'Title,"Summary\nx', "is not CSV"),
        ("a.csv", b"", "is empty; its first row should have Category"),
        ("a.csv", b"Name;Text\r\n", r"no column 'Category', 'Title'.*has 'Name;Text'"),
        ("a.csv", b"Title,title\n", "'Title' twice"),
        ("a.csv", b"\x00" * 200_000, "is not CSV|no column"),
    ],
)
def test_files_that_are_no_sheet(tmp_path, refused, name, data, match):
    (tmp_path / name).write_bytes(data)
    refused(tmp_path / name, match)


def test_a_truncated_or_torn_workbook(tmp_path, refused):
    whole = write_xlsx(tmp_path / "a.xlsx", QUIRKS).read_bytes()
    for size in range(40, len(whole), len(whole) // 25):
        (tmp_path / "b.xlsx").write_bytes(whole[:size])
        refused(tmp_path / "b.xlsx", "is no whole .xlsx file")
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2] ^= 0xFF
    (tmp_path / "b.xlsx").write_bytes(spoilt)
    try:
        import_sheet(tmp_path / "b.xlsx", tmp_path / "n")
    except ProbatumError as error:
        assert "b.xlsx" in str(error)


def test_other_zip_files(tmp_path, refused):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("content.xml", "<x/>")
    refused(tmp_path / "a.xlsx", "is a zip file without xl/workbook.xml")
    refused(package(tmp_path / "b.xlsx", workbook="<workbook/>"), "the workbook has no sheet")
    refused(package(tmp_path / "c.xlsx"), "is a zip file without xl/worksheets/sheet1.xml")
    refused(package(tmp_path / "d.xlsx", sheet="<worksheet>"), "sheet1.xml is not well-formed XML")
    no_string = sheet_xml(['<c t="s"><v>7</v></c>'])
    refused(package(tmp_path / "e.xlsx", sheet=no_string), "there is no shared string '7'")


def test_a_file_or_folder_that_cannot_be_used(tmp_path, refused):
    refused(tmp_path / "none.csv", "none.csv: No such file")
    refused(tmp_path, "Is a directory|is neither")
    (tmp_path / "taken").write_text("")
    with pytest.raises(ProbatumError, match="taken"):
        import_sheet(write_csv(tmp_path / "a.csv", [row("A")]), tmp_path / "taken")


def test_byte_order_mark_and_kinds_of_cells(tmp_path):
    path = write_csv(tmp_path / "a.csv", [row("A")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert import_sheet(path, tmp_path / "n").rows == 1
    cells = [
        inline("a_x000D_b_x005F_x0041_"), '<x:c xmlns:x="u" t="b"><x:v>1</x:v></x:c>', "<c><v>2018.0</v></c>",
        "<c><v>1e400</v></c>", '<c t="str"><f>1+1</f><v>two</v></c>', '<c r="H1"/>', '<c t="s"><v>0</v></c>',
        "<c><v>0.5</v></c>", '<c t="e"><v>#REF!</v></c>', '<c t="inlineStr"><is><t>_xD83D__xDE00_</t></is></c>',
    ]  # fmt: skip
    strings = "<sst><si><r><t>ri</t></r><rPh><t>no</t></rPh><r><t>ch</t></r></si></sst>"
    table = read_workbook(package(tmp_path / "k.xlsx", sheet=sheet_xml(cells), strings=strings), Limits())
    assert table.rows == {
        1: {
            0: "a\rb_x0041_",
            1: "TRUE",
            2: "2018",
            3: "1e400",
            4: "two",
            8: "rich",
            9: "0.5",
            10: "#REF!",
            11: "😀",
        }
    }


LONG = (
    *("<@" * 30_000, "<@a@>(@" * 12_000, "<em>" * 20_000, "`" * 90_000 + "</em>", "\\" * 90_000, " " * 90_000 + "x"),
    *("{a}`" * 20_000, "*a" * 40_000, "\n" * 90_000, "<em>" + " \n" * 40_000 + "</em>", "** ** " * 15_000),
)


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:12])
def test_long_cells_take_no_longer_than_they_are(tmp_path, text):
    from time import process_time

    cells = row("A", summarizer="Rohin", summary=text, myopinion=text, readmore=text, venue=text)
    path = write_csv(tmp_path / "a.csv", [cells])
    start = process_time()
    import_sheet(path, tmp_path / "n")
    assert process_time() - start < 5


@pytest.mark.parametrize(
    "text", ["a,b\n1,2018-01-01\n", "number,date\nx,2018-01-01\n", "number,date\n1,01.02.2018\n",
             "number,date\n1,\n1,\n", "number\n1\n", ""]
)  # fmt: skip
def test_dates_that_are_none(tmp_path, text):
    dates = tmp_path / "dates.csv"
    dates.write_text(text)
    with pytest.raises(ProbatumError, match=r"dates\.csv"):
        import_sheet(write_csv(tmp_path / "a.csv", [row("A")]), tmp_path / "n", dates=dates)
    assert not (tmp_path / "n").exists()
