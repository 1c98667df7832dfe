"""What can be wrong between files, or between an entry's front matter and its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from probatum.newsletter.content import Config
from probatum.newsletter.problem import Problem, one_of
from probatum.newsletter.reading.files import EntryFile, IssueFile
from probatum.newsletter.references import References
from probatum.newsletter.rendering.markdown import Role


def check(
    config: Config,
    entries: Mapping[str, EntryFile],
    issues: Sequence[IssueFile],
    references: References,
    experiments: Collection[str],
) -> Iterator[Problem]:
    """Every mistake that no file has by itself alone."""
    for file in entries.values():
        yield from _entry(file, config)
        if file.entry.claims or file.roles:
            yield from _claims(file, experiments)
    for path, draft, roles in [
        *((file.entry.path, file.entry.draft, file.roles) for file in entries.values()),
        *((file.issue.path, file.issue.draft, file.roles) for file in issues),
    ]:
        for role, line in roles:
            if role.kind == "entry" and (wrong := _reference(role, references, draft, entries)):
                yield Problem(path, line, *wrong)
    yield from _issues(issues, entries)


def _entry(file: EntryFile, config: Config) -> Iterator[Problem]:
    entry = file.entry
    if entry.category and entry.category not in config.sections:
        known = [section.name for _, section in config.sections.order]
        yield Problem(
            entry.path,
            file.text.line("category"),
            f"unknown category {entry.category!r}",
            one_of(entry.category, known),
        )
    if entry.summary.strip() and not entry.summarizer:
        yield Problem(
            entry.path,
            entry.body_line,
            "a summary without a summarizer",
            "add 'summarizer: NAME' to the front matter",
        )
    if entry.opinions and not entry.summary.strip():
        yield Problem(
            entry.path,
            entry.opinions[0].line - 1,
            "an opinion without a summary",
            "write the summary above it",
        )


def _claims(file: EntryFile, experiments: Collection[str]) -> Iterator[Problem]:
    entry = file.entry
    ids = [claim.id for claim in entry.claims]
    named = Counter(role.target for role, _ in file.roles if role.kind == "claim")
    for place, claim in enumerate(entry.claims):
        if ids.index(claim.id) != place:
            yield Problem(
                entry.path,
                file.text.line("claims", place, "id"),
                f"claim id {claim.id!r} stands twice",
                "choose another id",
            )
        elif not named[claim.id]:
            right = f"name it in a sentence: {{claim}}`{claim.id}`"
            yield Problem(
                entry.path,
                file.text.line("claims", place, "id"),
                f"claim {claim.id!r} is defined and never named",
                right,
            )
        if claim.experiment and claim.experiment not in experiments:
            yield Problem(
                entry.path,
                file.text.line("claims", place, "experiment"),
                f"unknown experiment {claim.experiment!r}",
                one_of(claim.experiment, experiments),
            )
    for role, line in file.roles:
        if role.kind == "claim" and role.target not in ids:
            found = f"claim {role.target!r} is named and not defined"
            yield Problem(entry.path, line, found, f"define it under 'claims:'; {one_of(role.target, ids)}")


def _reference(
    role: Role, references: References, from_draft: bool, entries: Mapping[str, EntryFile]
) -> tuple[str, str] | None:
    found = references.find(role.target)
    if not found:
        return f"cross-reference to unknown entry {role.target!r}", one_of(role.target, entries)
    if len(found) > 1:
        return (
            f"cross-reference {role.target!r} fits several entries",
            f"give the id of one: {', '.join(found)}",
        )
    if entries[found[0]].entry.draft and not from_draft:
        return (
            f"cross-reference refers to the draft {found[0]!r}",
            "publish it first, or take the reference out",
        )
    return None


def _issues(issues: Sequence[IssueFile], entries: Mapping[str, EntryFile]) -> Iterator[Problem]:
    numbers: dict[int, IssueFile] = {}
    listed: dict[str, IssueFile] = {}
    for file in issues:
        path, number = file.issue.path, file.issue.number
        if number in numbers:
            other = numbers[number].issue.path.name
            yield Problem(path, file.text.line("number"), f"issue number {number} is also {other}'s", "choose another")
        numbers.setdefault(number, file)
        for place, id in enumerate(file.issue.entries):
            if problem := _listed(file, id, entries, listed):
                yield Problem(path, file.text.line("entries", place), *problem)
            listed.setdefault(id, file)


def _listed(
    file: IssueFile, id: str, entries: Mapping[str, EntryFile], listed: dict[str, IssueFile]
) -> tuple[str, str] | None:
    if id not in entries:
        return f"unknown entry {id!r}", one_of(id, entries)
    if id in listed:
        return f"entry {id!r} stands in {listed[id].issue.path.name} already", "list it in one place"
    if entries[id].entry.draft and not file.issue.draft:
        return f"entry {id!r} is a draft", "remove 'draft: true' from it, or the entry from the issue"
    return None
