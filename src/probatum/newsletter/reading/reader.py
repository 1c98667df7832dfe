"""A newsletter's folder read, checked as a whole, and joined with its verdicts: what every format needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from probatum.claims.experiment import names
from probatum.claims.ledger import Ledger
from probatum.claims.standing import standing, trials_of
from probatum.newsletter.content import Config, Entry, Issue, Newsletter
from probatum.newsletter.memory import Memory
from probatum.newsletter.problem import Problem, Problems
from probatum.newsletter.reading.checks import check
from probatum.newsletter.reading.files import CONFIG, EntryFile, IssueFile, read_config, read_entry, read_issue
from probatum.newsletter.reading.renderer import Renderer
from probatum.newsletter.references import References

Read = TypeVar("Read")


@dataclass(frozen=True)
class Source:
    """The files of a newsletter, each right by itself; drafts included."""

    folder: Path
    config: Config
    entries: Mapping[str, EntryFile]
    issues: tuple[IssueFile, ...]
    references: References

    @property
    def experiments(self) -> Path:
        """Where the newsletter's own experiments lie."""
        return self.folder / "experiments"

    @property
    def ledger(self) -> Ledger:
        """The ledger of all trials and verdicts."""
        return Ledger(self.folder / "ledger")


def read_source(folder: Path, memory: Memory | None = None) -> Source:
    """Read every file of a newsletter and check it.

    Raises:
        Problems: with every mistake in every file, if there is one.
    """
    memory = memory or Memory()
    config = _remembered(memory, folder / CONFIG, (), lambda: read_config(folder))
    if isinstance(config, list):
        raise Problems(config)
    config_stamp = _stamp(folder / CONFIG)
    problems: list[Problem] = []
    entries = _all(folder / "entries", memory, config_stamp, lambda path: read_entry(path, config), problems)
    issues = _all(folder / "issues", memory, None, read_issue, problems)
    references = References.to((file.entry.id, file.title.text) for file in entries)
    source = Source(folder, config, {file.entry.id: file for file in entries}, tuple(issues), references)
    problems.extend(problem for file in entries for problem in file.problems)
    problems.extend(check(config, source.entries, source.issues, references, names(source.experiments)))
    if problems:
        raise Problems(problems)
    return source


def read(folder: Path, memory: Memory | None = None, *, drafts: bool = False) -> Newsletter:
    """Read a newsletter: its published entries and issues, with verdicts, rendered.

    Args:
        folder: the folder that holds `newsletter.yaml`.
        memory: give the same one again to read only what changed.
        drafts: take in entries and issues that are not published yet.

    Raises:
        Problems: with every mistake in every file, if there is one.
    """
    memory = memory or Memory()
    source = read_source(folder, memory)
    files = [file for file in source.entries.values() if drafts or not file.entry.draft]
    issue_files = sorted(
        (file for file in source.issues if drafts or not file.issue.draft), key=lambda file: file.issue.number
    )
    issues = tuple(file.issue for file in issue_files)
    issue_of = {id: issue.number for issue in issues for id in issue.entries}
    claims = [claim for file in files for claim in file.entry.claims]
    verdicts = standing(claims, source.ledger, experiments=source.experiments)
    renderer = Renderer(source.references, issue_of, verdicts, memory)
    return Newsletter(
        folder=folder,
        config=source.config,
        issues=issues,
        entries=_in_order({file.entry.id: file.entry for file in files}, issues),
        verdicts=verdicts,
        trials={claim.name: trials_of(claim, source.ledger, experiments=source.experiments) for claim in claims},
        rendered={file.entry.id: renderer.entry(file) for file in files},
        words={file.issue.number: renderer.words(file) for file in issue_files},
        issue_of=issue_of,
    )


def _in_order(entries: Mapping[str, Entry], issues: Iterable[Issue]) -> dict[str, Entry]:
    listed = {id: entries[id] for issue in issues for id in issue.entries}
    return listed | {id: entry for id, entry in sorted(entries.items()) if id not in listed}


def _all(
    folder: Path,
    memory: Memory,
    inputs: object,
    read_one: Callable[[Path], Read | list[Problem]],
    problems: list[Problem],
) -> list[Read]:
    found: list[Read] = []
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
        if not name.endswith(".md"):
            continue
        path = memory.recall((folder, name), (), partial(folder.joinpath, name))
        read_file = _remembered(memory, path, inputs, partial(read_one, path))
        if isinstance(read_file, list):
            problems.extend(read_file)
        else:
            found.append(read_file)
    return found


def _remembered(memory: Memory, path: Path, inputs: object, make: Callable[[], Read]) -> Read:
    return memory.recall(path, (_stamp(path), inputs), make)


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written: time, size and inode."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
