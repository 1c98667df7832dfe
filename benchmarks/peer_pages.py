"""The newsletter's entries and issues as the plain Markdown pages that any site generator reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

from probatum.newsletter.reading.files import EntryFile
from probatum.newsletter.reading.reader import Source, read_source

_REFERENCE = re.compile(r"\{entry\}`(?:([^`<>]*\S)\s*<([^`<>]+)>|([^`]+))`")


def write_pages(newsletter: Path, content: Path) -> int:
    """Write `entries/ID.md` and `issues/N.md` with nothing but a title as front matter; return how many.

    An issue's page holds its entries in full, as ours does. References are plain links, so that no generator has to
    look anything up, and braces that start some generators' commands are parted.
    """
    source = read_source(newsletter)
    texts = {id: _text(file, source) for id, file in source.entries.items()}
    titles = {id: file.title.text for id, file in source.entries.items()}
    for folder in ("entries", "issues"):
        (content / folder).mkdir(parents=True)
    for id, text in texts.items():
        _write(content / "entries" / f"{id}.md", titles[id], text)
    for file in source.issues:
        parts = (f"## [{titles[id]}](../entries/{id}.html)\n\n{texts[id]}" for id in file.issue.entries)
        _write(content / "issues" / f"{file.issue.number}.md", f"Issue {file.issue.number}", "\n\n".join(parts))
    return len(texts) + len(source.issues)


def _text(file: EntryFile, source: Source) -> str:
    def link(match: re.Match[str]) -> str:
        text, target, bare = match.groups()
        (id,) = source.references.find(target or bare)
        return f"[{text or source.references.titles[id]}](../entries/{id}.html)"

    return re.sub(r"\{(?=[{%])", "{ ", _REFERENCE.sub(link, file.text.body.strip()))


def _write(path: Path, title: str, text: str) -> None:
    path.write_text(f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n\n{text}\n", encoding="utf-8")
