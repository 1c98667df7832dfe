import os
from pathlib import Path

import pytest
import sheet_files
import yaml

from probatum.newsletter.importing.sheet import import_sheet
from probatum.newsletter.reading.reader import read_source


class Imported:
    """An imported folder, read again by the newsletter's own reader, which finds no mistake in it."""

    def __init__(self, folder, report):
        source = read_source(folder)
        self.folder, self.report, self.config, self.files = folder, report, source.config, source.entries
        self.entries = {id: file.entry for id, file in source.entries.items()}
        self.issues = {file.issue.number: file.issue for file in source.issues}

    def matter(self, id):
        text = (self.folder / "entries" / f"{id}.md").read_text(encoding="utf-8")
        return yaml.safe_load(text.split("\n---\n")[0])


def _import(path, into, **options):
    return Imported(into, import_sheet(path, into, **options))


@pytest.fixture
def do_import():
    return _import


@pytest.fixture(scope="session")
def quirks(tmp_path_factory):
    """The sheet with every quirk, imported once."""
    folder = tmp_path_factory.mktemp("quirks")
    return _import(sheet_files.write_xlsx(folder / "quirks.xlsx", sheet_files.QUIRKS), folder / "newsletter")


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    """The Alignment Newsletter's own sheet, where it is to be had: its text may not be shipped."""
    shared = os.environ.get("PROBATUM_SHARED") or Path(__file__).parents[3] / "shared" / "data"
    path = Path(shared) / "an.xlsx"
    if not path.is_file():
        pytest.skip(f"{path}: the Alignment Newsletter's sheet is not here (set PROBATUM_SHARED to its folder)")
    into = tmp_path_factory.mktemp("real") / "newsletter"
    imported = _import(path, into)
    imported.sheet = path
    return imported
