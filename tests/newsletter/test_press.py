"""The press: whole or nothing, the same bytes every time, and no method behind it."""

import subprocess
import sys
import urllib.request
import warnings
from threading import Thread

import pytest

from probatum.errors import ProbatumError
from probatum.newsletter.output import MANIFEST
from probatum.newsletter.press import Press
from probatum.newsletter.problem import Problems
from probatum.server.preview import Preview, server

from .test_reader import edit


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def press(folder, tmp_path):
    return Press(folder, tmp_path / "site")


def test_every_format_is_written(press):
    press.build()
    written = set(tree(press.out))
    assert {
        "index.html", "issues/7.html", "entries/dice.html", "claims/dice.seven.html", "categories/statistics.html",
        "people/ann-editor.html", "table.html", "claims.html", "search.html", "404.html", "feed.xml", "atom.xml",
        "feed.json", "email/7.html", "email/7.txt", "summaries.xlsx", "summaries.csv", "archive.db", "citations.bib",
        "citations.json",
    } <= written  # fmt: skip
    assert set((press.out / MANIFEST).read_text().split()) == written - {MANIFEST}


def test_two_builds_write_the_same_bytes(folder, tmp_path):
    for name in "ab":
        Press(folder, tmp_path / name).build()
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("entries/plain.md", "Just text", "Other text"),
        ("entries/dice.md", "title: On dice", "title: On DICE"),
        ("entries/dice.md", "says: The mean is seven.", "says: The mean is about seven."),
        ("entries/plain.md", "category: Numbers", "category: News"),
        ("issues/7.md", "title: Seven", "title: Number seven"),
        ("issues/7.md", "entries: [dice, plain]", "entries: [plain, dice]"),
        ("newsletter.yaml", "title: Tried Things", "title: Things Tried"),
    ],
)
def test_a_rebuild_after_an_edit_equals_a_clean_build(press, folder, tmp_path, name, old, new):
    press.build()
    edit(folder, name, old, new)
    press.build(bulk=False)
    press.finish()
    Press(folder, tmp_path / "clean").build()
    assert tree(press.out) == tree(tmp_path / "clean")


def test_a_rebuild_writes_only_what_depends_on_the_edit(press, folder):
    press.build()
    edit(folder, "entries/plain.md", "Just text", "Other text")
    _, written = press.build(bulk=False)
    names = {path.relative_to(press.out).as_posix() for path in written}
    assert "entries/plain.html" in names
    assert not {"entries/dice.html", "claims/dice.seven.html", "404.html", "summaries.xlsx", "archive.db"} & names


def test_a_page_that_is_no_longer_made_is_removed_and_others_are_kept(press, folder):
    press.build()
    (press.out / "notes.txt").write_text("mine")
    edit(folder, "issues/7.md", "entries: [dice, plain]", "entries: [dice]")
    edit(folder, "entries/dice.md", " and {entry}`a plain one <plain>`", "")
    (folder / "entries" / "plain.md").unlink()
    Press(folder, press.out).build()
    assert not (press.out / "entries" / "plain.html").exists()
    assert (press.out / "notes.txt").read_text() == "mine"


def test_a_mistake_leaves_the_output_as_it_was(press, folder):
    press.build()
    before = tree(press.out)
    edit(folder, "entries/plain.md", "category: Numbers", "category: Nowhere")
    with pytest.raises(Problems):
        press.build()
    assert tree(press.out) == before


def test_a_format_that_fails_leaves_the_output_as_it_was(press, folder):
    press.build()
    before = tree(press.out)
    path = folder / "entries" / "plain.md"
    text = path.read_text()
    path.write_text(text + "A long text. " * 10_000)
    with pytest.raises(ProbatumError, match="100,000"):
        press.build()
    assert tree(press.out) == before
    path.write_text(text)
    press.build()
    assert tree(press.out) == before


def test_a_large_mail_warns(press, folder):
    path = folder / "entries" / "plain.md"
    path.write_text(path.read_text() + "A long text. " * 6_400)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        press.build()
    assert "the mail of issue 7 has" in str(caught[0].message)


def test_drafts_are_shown_on_demand_and_marked(folder, tmp_path):
    edit(folder, "issues/7.md", "number: 7", "number: 7\ndraft: true")
    edit(folder, "entries/plain.md", "title:", "draft: true\ntitle:")
    edit(folder, "entries/dice.md", "{entry}`a plain one <plain>`", "nothing")
    Press(folder, tmp_path / "public").build()
    assert "entries/plain.html" not in tree(tmp_path / "public")
    Press(folder, tmp_path / "drafts", drafts=True).build()
    assert b"Draft" in tree(tmp_path / "drafts")["entries/plain.html"]
    assert b"Draft" in tree(tmp_path / "drafts")["issues/7.html"]
    assert b"Draft" not in tree(tmp_path / "drafts")["entries/dice.html"]


def test_a_folder_with_files_of_others_is_refused(press):
    press.out.mkdir()
    (press.out / "thesis.md").write_text("mine")
    with pytest.raises(ProbatumError, match="no build of ours"):
        press.build()
    assert tree(press.out) == {"thesis.md": b"mine"}


def test_a_build_needs_no_torch(folder, tmp_path):
    """In a process in which importing torch, or anything else of the measuring extras, raises."""
    code = f"""
import sys
for name in ("torch", "sklearn", "matplotlib", "dask", "distributed"):
    sys.modules[name] = None
import probatum
from pathlib import Path
from probatum.newsletter.press import Press
Press(Path({str(folder)!r}), Path({str(tmp_path / "out")!r})).build()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "out" / "index.html").is_file()


@pytest.fixture
def preview(press):
    preview = Preview(press)
    preview.rebuild()
    pages = server(preview, port=0)
    Thread(target=pages.serve_forever, daemon=True).start()
    preview.address = f"http://127.0.0.1:{pages.server_port}"
    yield preview
    pages.shutdown()
    pages.server_close()


def fetch(preview, path):
    try:
        with urllib.request.urlopen(preview.address + path, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_preview_shows_edits_mistakes_and_late_files(preview, folder):
    status, page = fetch(preview, "/entries/plain.html")
    assert (status, b"Just text" in page, b"/_probatum/reload.js" in page) == (200, True, True)
    assert b"reload" not in (preview.press.out / "entries" / "plain.html").read_bytes()

    edit(folder, "entries/plain.md", "Just text", "Other <text>")
    preview.rebuild()
    assert b"Other &lt;text&gt;" in fetch(preview, "/entries/plain.html")[1]
    status, data = fetch(preview, "/archive.db")
    assert (status, b"Other <text>" in data) == (200, True)

    edit(folder, "entries/plain.md", "category: Numbers", "category: <b>")
    preview.rebuild()
    status, page = fetch(preview, "/index.html")
    assert (status, b"unknown category &#x27;&lt;b&gt;&#x27;" in page) == (500, True)
    edit(folder, "entries/plain.md", "category: <b>", "category: Numbers")
    preview.rebuild()
    assert fetch(preview, "/")[0] == 200
    assert fetch(preview, "/nothing.html")[0] == 404
    assert fetch(preview, "/../../../../etc/passwd")[0] == 404
