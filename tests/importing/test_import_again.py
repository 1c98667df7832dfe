import json
import random

import pytest
from sheet_files import QUIRKS, row, write_csv

from probatum.errors import ProbatumError
from probatum.newsletter.importing.sheet import import_sheet


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def sheet(tmp_path):
    return write_csv(tmp_path / "a.csv", QUIRKS)


@pytest.fixture
def folder(tmp_path, sheet):
    import_sheet(sheet, tmp_path / "n")
    return tmp_path / "n"


def test_importing_twice_changes_nothing(sheet, folder):
    before = snapshot(folder)
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.md")}
    report = import_sheet(sheet, folder)
    assert (report.written, report.kept, report.left_over) == (0, (), ())
    assert report.unchanged == len(before) - 1
    assert snapshot(folder) == before
    assert times == {path: path.stat().st_mtime_ns for path in folder.rglob("*.md")}


def test_an_edit_is_kept(sheet, folder):
    file = folder / "entries" / "two-writers.md"
    original = file.read_text()
    file.write_text(original + "My own line.\n")
    for _ in range(2):
        report = import_sheet(sheet, folder)
        assert report.kept == ("entries/two-writers.md",)
        assert "kept your edit: entries/two-writers.md" in report.lines()
        assert file.read_text().endswith("My own line.\n")
    assert import_sheet(sheet, folder, force=True).written == 1
    assert file.read_text() == original


def test_an_edit_that_is_taken_back_is_no_edit(tmp_path, sheet, folder):
    file = folder / "entries" / "two-writers.md"
    original = file.read_text()
    file.write_text("mine")
    import_sheet(sheet, folder)
    file.write_text(original)
    changed = [cells | {"Venue": "New"} if cells["Title"] == "Two writers" else cells for cells in QUIRKS]
    assert import_sheet(write_csv(tmp_path / "b.csv", changed), folder).kept == ()
    assert "venue: New" in file.read_text()


def test_a_file_of_the_users_own_is_kept(tmp_path):
    folder = tmp_path / "n"
    (folder / "entries").mkdir(parents=True)
    (folder / "entries" / "a.md").write_text("mine")
    report = import_sheet(write_csv(tmp_path / "a.csv", [row("A")]), folder)
    assert report.kept == ("entries/a.md",)
    assert (folder / "entries" / "a.md").read_text() == "mine"


def test_settings_that_are_there_apply_and_are_never_overwritten(tmp_path):
    folder = tmp_path / "n"
    folder.mkdir()
    settings = "title: Mine\nsections: [News]\npeople:\n  Anna Lem: {aliases: [Ann]}\n"
    (folder / "newsletter.yaml").write_text(settings)
    rows = [row("A", summarizer="Ann", summary="Text."), row("B", category="News")]
    report = import_sheet(write_csv(tmp_path / "a.csv", rows), folder, force=True)
    assert (folder / "newsletter.yaml").read_text() == settings
    assert "summarizer: Anna Lem" in (folder / "entries" / "a.md").read_text()
    assert report.unplaced == ("category 'Problems' (1 rows): add it to the sections in newsletter.yaml",)


def test_a_row_that_goes_leaves_its_file_and_is_told(tmp_path, folder):
    fewer = write_csv(tmp_path / "b.csv", QUIRKS[1:])
    report = import_sheet(fewer, folder)
    assert report.left_over == ("entries/robots-that-garden.md",)
    assert (folder / "entries" / "robots-that-garden.md").exists()
    assert import_sheet(fewer, folder).left_over == report.left_over


def test_ids_do_not_depend_on_the_order_of_rows(tmp_path, folder):
    rows = list(QUIRKS)
    random.Random(0).shuffle(rows)
    import_sheet(write_csv(tmp_path / "b.csv", rows), tmp_path / "m")
    left, right = snapshot(folder / "entries"), snapshot(tmp_path / "m" / "entries")
    assert left == right


def test_a_later_row_of_the_same_title_renames_none(tmp_path):
    early, late = (
        row("Same", email="AN #1", url="https://z.org"),
        row("Same", email="AN #2", url="https://a.org"),
    )
    import_sheet(write_csv(tmp_path / "a.csv", [early]), tmp_path / "n")
    report = import_sheet(write_csv(tmp_path / "b.csv", [late, early]), tmp_path / "n")
    assert (report.unchanged, report.left_over) == (3, ())
    assert "url: https://z.org" in (tmp_path / "n" / "entries" / "same.md").read_text()


def test_rows_quite_alike_are_all_kept(tmp_path):
    report = import_sheet(write_csv(tmp_path / "a.csv", [row("Same")] * 4), tmp_path / "n")
    assert report.entries == len(list((tmp_path / "n" / "entries").iterdir())) == 4


def test_an_interrupted_import_is_finished_by_the_next(tmp_path, sheet, monkeypatch):
    from probatum.newsletter.importing.folder import Folder

    def stop(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Folder, "close", stop)
        import_sheet(sheet, tmp_path / "n")
    report = import_sheet(sheet, tmp_path / "n")
    assert (report.written, report.kept) == (0, ())
    assert (tmp_path / "n" / ".import.json").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"files": []}', "{"])
def test_a_broken_record_is_a_clear_error(sheet, folder, text):
    (folder / ".import.json").write_text(text)
    with pytest.raises(ProbatumError, match=r"\.import\.json: is no record of an import"):
        import_sheet(sheet, folder)


def test_the_record_names_every_file(folder):
    record = json.loads((folder / ".import.json").read_text())["files"]
    assert record.keys() == {path.as_posix() for path in snapshot(folder)} - {".import.json"}
