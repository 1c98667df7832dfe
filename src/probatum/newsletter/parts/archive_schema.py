"""The tables of `archive.db`, and which of their columns are searched."""

from __future__ import annotations

from collections.abc import Mapping

SEARCHED: Mapping[str, Mapping[str, float]] = {
    "entries": {
        "title": 10.0,
        "authors": 4.0,
        "venue": 1.0,
        "summary": 1.0,
        "opinions": 1.0,
        "prerequisites": 0.5,
        "read_more": 0.5,
    },
    "claims": {"says": 1.0, "reported": 1.0, "source": 0.5, "evidence": 0.5},
}
"""Columns with full-text search, and how much a word in each weighs."""

_TABLES = """
PRAGMA user_version = 1;

CREATE TABLE newsletter (title TEXT PRIMARY KEY, description TEXT, url TEXT NOT NULL, licence TEXT);

CREATE TABLE sections (
    name TEXT PRIMARY KEY, title TEXT NOT NULL, parent TEXT REFERENCES sections (name),
    position INTEGER NOT NULL, retired INTEGER NOT NULL, was TEXT NOT NULL
);

CREATE TABLE people (name TEXT PRIMARY KEY, url TEXT, aliases TEXT NOT NULL);

CREATE TABLE issues (number INTEGER PRIMARY KEY, title TEXT, date TEXT, words TEXT, page TEXT NOT NULL);

CREATE TABLE entries (
    id TEXT PRIMARY KEY, issue INTEGER REFERENCES issues (number),
    category TEXT NOT NULL REFERENCES sections (name),
    highlight INTEGER NOT NULL, title TEXT NOT NULL, url TEXT, authors TEXT, venue TEXT, year INTEGER,
    summarizer TEXT REFERENCES people (name), hat_tip TEXT, email TEXT, summary TEXT, opinions TEXT,
    prerequisites TEXT, read_more TEXT, page TEXT NOT NULL
);
CREATE INDEX entries_by_issue ON entries (issue);
CREATE INDEX entries_by_category ON entries (category);
CREATE INDEX entries_by_summarizer ON entries (summarizer);

CREATE TABLE opinions (
    entry TEXT NOT NULL REFERENCES entries (id), position INTEGER NOT NULL,
    author TEXT NOT NULL REFERENCES people (name), opinion TEXT NOT NULL,
    PRIMARY KEY (entry, position)
);
CREATE INDEX opinions_by_author ON opinions (author);

CREATE TABLE claims (
    name TEXT PRIMARY KEY, entry TEXT NOT NULL REFERENCES entries (id), says TEXT NOT NULL,
    reported TEXT NOT NULL, source TEXT, question TEXT NOT NULL, scope TEXT NOT NULL, experiment TEXT,
    parameters TEXT, seeds INTEGER NOT NULL, expect TEXT, tolerance REAL NOT NULL, cannot_run TEXT,
    state TEXT NOT NULL, verdict TEXT NOT NULL, evidence TEXT NOT NULL, expression TEXT, measured REAL,
    low REAL, high REAL, n INTEGER NOT NULL, failed INTEGER NOT NULL, expectation_changed INTEGER NOT NULL,
    was TEXT, note TEXT, carried_from TEXT, terms TEXT NOT NULL, page TEXT NOT NULL
);
CREATE INDEX claims_by_entry ON claims (entry);
CREATE INDEX claims_by_state ON claims (state);

CREATE TABLE trials (
    key TEXT PRIMARY KEY, experiment TEXT NOT NULL, code TEXT NOT NULL, parameters TEXT NOT NULL,
    seed INTEGER NOT NULL, metrics TEXT, error TEXT, started TEXT NOT NULL, wall_seconds REAL,
    cpu_seconds REAL, peak_memory_bytes INTEGER, worker TEXT, environment TEXT NOT NULL,
    artifacts TEXT NOT NULL, carried_from TEXT
);
CREATE TABLE claims_trials (
    claim TEXT NOT NULL REFERENCES claims (name), trial TEXT NOT NULL REFERENCES trials (key),
    PRIMARY KEY (claim, trial)
) WITHOUT ROWID;
CREATE INDEX claims_by_trial ON claims_trials (trial);
"""


def _search_table(name: str) -> str:
    """An index beside the table, without a copy of its text, under the name by which Datasette finds it."""
    columns = ", ".join(SEARCHED[name])
    return (
        f"CREATE VIRTUAL TABLE {name}_fts USING fts5"
        f"""({columns}, content="{name}", tokenize="porter unicode61 remove_diacritics 2");\n"""
    )


SCHEMA = _TABLES + "".join(map(_search_table, SEARCHED))
