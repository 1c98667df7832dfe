"""The whole archive as one SQLite file, `archive.db`, with full-text search; Datasette opens it as it is.

Texts are plain, with each claim's verdict beside its sentence. Foreign keys join issues, sections, people,
entries, opinions, claims, trials; `entries_fts` and `claims_fts` index the words of `entries` and `claims`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from math import isfinite
from pathlib import Path

from probatum.newsletter import urls
from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.archive_schema import SCHEMA, SEARCHED
from probatum.newsletter.parts.rows import parameters
from probatum.newsletter.sections import Section
from probatum.newsletter.wording import evidence, verdict_words

BULK = True
"""Holds all entries: a serve loop brings it up to date when somebody asks for it."""

Value = str | int | float | None
Table = tuple[str, tuple[tuple[Value, ...], ...]]


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `archive.db`."""
    tables = tuple((name, tuple(rows)) for name, rows in _tables(newsletter))
    return [out.derive("archive.db", tables, lambda: _database(tables))]


def _database(tables: Iterable[Table]) -> bytes:
    """Build in memory, always in the same order: equal content makes equal bytes."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("BEGIN")
        for name, rows in tables:
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        for name in SEARCHED:
            database.execute(f"INSERT INTO {name}_fts ({name}_fts) VALUES ('rebuild')")
            database.execute(f"INSERT INTO {name}_fts ({name}_fts) VALUES ('optimize')")
        database.execute("COMMIT")
        return database.serialize()


def _tables(newsletter: Newsletter) -> Iterator[tuple[str, Iterable[tuple[Value, ...]]]]:
    config = newsletter.config
    yield "newsletter", [(config.title, config.description or None, config.url, config.licence or None)]
    yield "sections", _sections(newsletter)
    yield "people", _people(newsletter)
    yield "issues", _issues(newsletter)
    yield "entries", (_entry(newsletter, entry) for entry in newsletter.ordered)
    yield "opinions", _opinions(newsletter)
    yield "claims", _claims(newsletter)
    yield "trials", _trials(newsletter)
    yield (
        "claims_trials",
        sorted((claim, trial.key) for claim, trials in newsletter.trials.items() for trial in trials),
    )


def _sections(newsletter: Newsletter) -> Iterator[tuple[Value, ...]]:
    trail: list[Section] = []
    for position, (level, section) in enumerate(newsletter.config.sections.order, 1):
        del trail[level - 1 :]
        parent = trail[-1].name if trail else None
        trail.append(section)
        yield section.name, section.title, parent, position, section.retired, _json(section.was)


def _people(newsletter: Newsletter) -> Iterator[tuple[Value, ...]]:
    known = newsletter.config.people
    for name in sorted({name for entry in newsletter.entries.values() for name in entry.people} | set(known)):
        person = known.get(name)
        yield name, (person and person.url) or None, _json(person.aliases if person else ())


def _issues(newsletter: Newsletter) -> Iterator[tuple[Value, ...]]:
    for issue in newsletter.issues:
        words = newsletter.words[issue.number].summary.text if issue.number in newsletter.words else ""
        day = issue.date.isoformat() if issue.date else None
        yield issue.number, issue.title or None, day, words or None, newsletter.config.url + urls.issue(issue)


def _entry(newsletter: Newsletter, entry: Entry) -> tuple[Value, ...]:
    rendered = newsletter.rendered[entry.id]
    texts = (
        rendered.summary.text,
        "\n\n".join(f"{author}: {passage.text}" for author, passage in rendered.opinions),
        rendered.prerequisites.text,
        rendered.read_more.text,
    )
    authors = entry.authors if isinstance(entry.authors, str) else ", ".join(entry.authors)
    return (
        entry.id,
        newsletter.issue_of.get(entry.id),
        newsletter.section(entry).name,
        entry.highlight,
        rendered.title.text,
        entry.url or None,
        authors or None,
        entry.venue or None,
        entry.year,
        entry.summarizer or None,
        entry.hat_tip or None,
        entry.email or None,
        *(text or None for text in texts),
        newsletter.config.url + urls.entry(entry),
    )


def _opinions(newsletter: Newsletter) -> Iterator[tuple[Value, ...]]:
    for entry in newsletter.ordered:
        opinions = zip(entry.opinions, newsletter.rendered[entry.id].opinions, strict=True)
        for position, (opinion, (_, passage)) in enumerate(opinions, 1):
            yield entry.id, position, opinion.author, passage.text


def _claims(newsletter: Newsletter) -> Iterator[tuple[Value, ...]]:
    for claim in newsletter.claims():
        verdict = newsletter.verdicts[claim.name]
        yield (
            claim.name, claim.entry, claim.says, claim.reported, claim.source or None, claim.question,
            claim.scope, claim.experiment, parameters(claim) or None, claim.seeds, claim.expect,
            claim.tolerance, claim.cannot_run, verdict.state, verdict_words(claim, verdict),
            evidence(claim, verdict), verdict.expression or None, verdict.measured, verdict.low, verdict.high,
            verdict.n, verdict.failed, verdict.expectation_changed, verdict.was, verdict.note or None,
            verdict.carried_from, _json([_plain(asdict(term)) for term in verdict.terms]),
            newsletter.config.url + urls.claim(claim),
        )  # fmt: skip


def _trials(newsletter: Newsletter) -> Iterator[tuple[Value, ...]]:
    trials = {trial.key: trial for trials in newsletter.trials.values() for trial in trials}
    for key, trial in sorted(trials.items()):
        metrics = None if trial.metrics is None else _json(_plain(trial.metrics))
        yield (
            key, trial.experiment, trial.code, _json(dict(trial.parameters)), trial.seed, metrics, trial.error,
            trial.started, trial.wall_seconds, trial.cpu_seconds, trial.peak_memory_bytes, trial.worker,
            _json(dict(trial.environment)), _json(dict(trial.artifacts)), trial.carried_from,
        )  # fmt: skip


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """Values as JSON has them: `nan` and infinities, which it lacks, become text."""
    return {
        name: str(value) if isinstance(value, float) and not isfinite(value) else value
        for name, value in values.items()
    }


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
