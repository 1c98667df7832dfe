"""Makes a new newsletter, entry or issue, ready to be edited and built."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from probatum.errors import ProbatumError
from probatum.newsletter.reading.reader import read_source
from probatum.newsletter.reading.schema import entry_schema
from probatum.newsletter.urls import slug

_SKELETON = files("probatum.newsletter") / "skeleton"
_PARTS = ("newsletter.yaml", "issues/1.md", "entries/two-dice.md", "experiments/two_dice.py")


def new_newsletter(folder: Path, *, today: datetime.date) -> list[Path]:
    """Make a newsletter with one issue, one entry and one claim that runs.

    Raises:
        ProbatumError: the folder already holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProbatumError(f"{folder} is not empty: give the name of a new folder")
    written = []
    for part in _PARTS:
        text = (_SKELETON / part).read_text(encoding="utf-8").replace("2026-01-01", today.isoformat())
        written.append(_write(folder / part, text))
    attributes = (_SKELETON / "gitattributes").read_text(encoding="utf-8")
    written.append(_write(folder / ".gitattributes", attributes))
    schema = json.dumps(entry_schema(), indent=2, ensure_ascii=False) + "\n"
    written.append(_write(folder / "entry.schema.json", schema))
    return written


def new_entry(folder: Path, title: str, *, summarizer: str = "") -> Path:
    """Make a draft entry called after its title.

    Raises:
        ProbatumError: there is an entry of that name, or no newsletter here.
    """
    source = read_source(folder)
    leaf = next(section.name for _, section in source.config.sections.order if not section.children)
    path = folder / "entries" / f"{slug(title)[:60].rstrip('-')}.md"
    _refuse_existing(path)
    person = summarizer or source.config.editor
    lines = [
        f"title: {json.dumps(title, ensure_ascii=False)}",
        "url: ''",
        "authors: []",
        f"year: {datetime.date.today().year}",
        f"category: {json.dumps(leaf, ensure_ascii=False)}",
        f"summarizer: {json.dumps(person, ensure_ascii=False)}",
        "draft: true",
    ]
    return _write(path, _front_matter(lines) + "The summary, in Markdown.\n")


def new_issue(folder: Path, *, title: str = "", today: datetime.date) -> Path:
    """Make a draft of the next issue, with every draft entry that is in no issue yet listed in it.

    Raises:
        ProbatumError: there is no newsletter here.
    """
    source = read_source(folder)
    listed = {id for file in source.issues for id in file.issue.entries}
    waiting = [file.entry.id for file in source.entries.values() if file.entry.draft and file.entry.id not in listed]
    number = 1 + max((file.issue.number for file in source.issues), default=0)
    path = folder / "issues" / f"{number}.md"
    _refuse_existing(path)
    lines = [
        f"number: {number}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"date: {today.isoformat()}",
        "draft: true",
        "entries:" if waiting else "entries: []",
        *(f"  - {id}" for id in waiting),
    ]
    return _write(path, _front_matter(lines) + "The editor's words, in Markdown.\n")


def _front_matter(lines: Iterable[str]) -> str:
    return "---\n" + "".join(f"{line}\n" for line in lines) + "---\n"


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise ProbatumError(f"{path} is there already: edit it, or choose another title")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
