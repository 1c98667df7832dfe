import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.errors import ProbatumError
from probatum.newsletter.formats import archive_db
from probatum.newsletter.output import Output
from probatum.newsletter.parts.archive_schema import SEARCHED
from probatum.newsletter.parts.archive_search import search

HOSTILE_QUERIES = [
    '"', '""', '"unclosed phrase', "NEAR(", "AND", "OR NOT", "title:", "^a", "-banding", "a AND", "*", "**",
    "(((", "{a b}", "a:b", "\0", "a\0b", "'; DROP TABLE entries; --", "\\", "%", "_", "🧠", "深層", "é",
    "e\u0301", "\u0301", "\ud7ff", "a" * 10_000, "a " * 10_000, "\U0001fae8", "ǅ", "½",
]  # fmt: skip


@pytest.fixture
def database(sample_newsletter, out):
    paths = archive_db.write(sample_newsletter, out)
    out.commit(paths)
    return paths[0]


@pytest.fixture
def rows(database):
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        yield lambda sql, *values: [dict(row) for row in connection.execute(sql, values)]


def found(database, query, **more):
    return [hit.entry for hit in search(database, query, **more)]


def test_every_table_holds_what_the_newsletter_holds(sample_newsletter, rows):
    counts = {
        "issues": len(sample_newsletter.issues),
        "entries": len(sample_newsletter.entries),
        "claims": len(sample_newsletter.verdicts),
        "sections": 11,
        "opinions": sum(len(entry.opinions) for entry in sample_newsletter.entries.values()),
        "trials": sum(map(len, sample_newsletter.trials.values())),
        "newsletter": 1,
    }
    assert {table: rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in counts} == counts


def test_an_entry_has_its_text_and_place(rows):
    (entry,) = rows("SELECT * FROM entries WHERE id = 'branch-specialization'")
    assert (entry["issue"], entry["category"], entry["highlight"], entry["year"]) == (
        3,
        "Deep learning",
        1,
        2021,
    )
    assert entry["title"] == "Branch Specialization"
    assert "supported" in entry["summary"]
    assert entry["opinions"].startswith("Ada Øster: I like it. J<L weights.\n\nBen: So do I")
    (archived,) = rows("SELECT * FROM entries WHERE id = 'archived'")
    assert archived["issue"] is None


def test_a_claim_stands_with_verdict_numbers_and_trials(rows):
    (claim,) = rows("SELECT * FROM claims WHERE name = 'weight-banding/pooling-makes-bands'")
    assert (claim["state"], claim["verdict"]) == ("refuted", "✗ refuted")
    assert (claim["measured"], claim["low"], claim["high"], claim["n"]) == (0.021, -0.013, 0.055, 5)
    assert "reported: visible bands" in claim["evidence"]
    assert json.loads(claim["terms"])[0]["expression"] == "score"
    trials = rows("SELECT trials.* FROM trials JOIN claims_trials ON trial = key WHERE claim = ?", claim["name"])
    assert json.loads(trials[0]["metrics"])["score"] == pytest.approx(0.001)


def test_a_failed_trial_keeps_its_error(rows):
    errors = rows("SELECT error FROM trials WHERE metrics IS NULL")
    assert len(errors) == 4
    assert all("ZeroDivisionError" in row["error"] for row in errors)


def test_what_is_no_number_is_json_all_the_same(sample_newsletter, out):
    nan = float("nan")
    trials = {
        name: tuple(replace(trial, metrics={"score": nan}) for trial in own)
        for name, own in sample_newsletter.trials.items()
    }
    verdicts = {
        name: replace(verdict, terms=tuple(replace(term, measured=nan) for term in verdict.terms))
        for name, verdict in sample_newsletter.verdicts.items()
    }
    out.commit(archive_db.write(replace(sample_newsletter, trials=trials, verdicts=verdicts), out))
    with closing(sqlite3.connect(out.folder / "archive.db")) as connection:
        for column in ("metrics FROM trials", "terms FROM claims"):
            assert all(text == "[]" or '"nan"' in text for (text,) in connection.execute(f"SELECT {column}"))


def test_the_section_tree_is_kept(rows):
    tree = {row["name"]: row for row in rows("SELECT * FROM sections")}
    assert tree["Deep learning"]["parent"] == "Machine learning"
    assert tree["AI governance"]["parent"] is None
    assert json.loads(tree["AI governance"]["was"]) == ["AI strategy and policy"]


def test_all_references_between_tables_hold(rows):
    assert rows("PRAGMA foreign_key_check") == []
    assert rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_equal_content_makes_equal_bytes(sample_newsletter, tmp_path):
    first, second = (Output(tmp_path / name) for name in "ab")
    for out in (first, second):
        out.commit(archive_db.write(sample_newsletter, out))
    assert (first.folder / "archive.db").read_bytes() == (second.folder / "archive.db").read_bytes()


def test_words_are_found_by_their_stem_and_without_accents(database):
    assert found(database, "pool band") == ["weight-banding"]
    assert found(database, "ober grosse") == []
    assert found(database, "Große zahlt") == ["uber-tiefe-netze"]
    assert found(database, "ZOE") == ["uber-tiefe-netze"]


def test_a_title_weighs_more_than_a_mention(database):
    assert found(database, "banding")[0] == "weight-banding"


def test_phrases_and_beginnings(database):
    assert found(database, '"average pooling"') == ["weight-banding"]
    assert found(database, '"pooling average"') == []
    assert found(database, "turingadv*") == ["turing-advice"]


def test_all_words_first_and_otherwise_any(database):
    assert found(database, "pooling banding") == ["weight-banding"]
    assert found(database, "pooling zzzz") == ["weight-banding"]
    assert found(database, "zzzz yyyy") == []


def test_a_quote_shows_the_match(database):
    (hit,) = search(database, "pooling")
    assert hit.quote[1::2] == ("pooling",)
    assert "global average pooling show banding" in "".join(hit.quote)
    assert hit.verdicts == ("✗ refuted", "? not enough info", "↻ stale (was: supported)")
    assert (hit.title, hit.issue, hit.year) == ("Weight Banding", 3, 2021)
    assert hit.page == "https://tried.example/news/entries/weight-banding.html"


def test_hits_can_be_confined_to_a_verdict(database):
    assert found(database, "bands", verdict="refuted") == ["weight-banding"]
    assert found(database, "bands", verdict="cannot run") == []
    assert found(database, "", verdict="supported") == ["branch-specialization", "uber-tiefe-netze"]
    assert found(database, "") == []


def test_no_more_hits_than_asked_for(database):
    assert len(search(database, "the", limit=1)) == 1
    assert search(database, "the", limit=-1) == ()


def test_a_quote_cannot_move_a_terminals_cursor(database):
    (hit,) = search(database, "31mred")
    text = hit.title + "".join(hit.quote)
    assert text.isprintable() or not set(text) & set(map(chr, range(32)))


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
@pytest.mark.parametrize("verdict", [None, "refuted"])
def test_no_text_is_wrong_syntax(database, query, verdict):
    search(database, query, verdict=verdict)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text(alphabet='"*()^:-+ ANDORTNE{}a'))
def test_no_text_at_all_is_wrong_syntax(database, query):
    search(database, query)


def test_a_word_beside_what_the_index_does_not_know_is_still_found(database):
    assert found(database, "banding ½") == found(database, "banding")


def test_a_missing_or_foreign_file_is_told(tmp_path):
    with pytest.raises(ProbatumError, match="probatum build"):
        search(tmp_path / "archive.db", "x")
    (tmp_path / "other.db").write_text("this is no database, but longer than a header of one is" * 20)
    with pytest.raises(ProbatumError, match="is no archive"):
        search(tmp_path / "other.db", "x")


def test_a_file_name_with_a_question_mark_is_a_file_name(database, tmp_path):
    copy = tmp_path / "a?mode=rwc#b.db"
    copy.write_bytes(database.read_bytes())
    assert found(copy, "pooling") == ["weight-banding"]


def test_datasette_opens_it_as_it_is_and_searches(database):
    from datasette.app import Datasette

    async def ask(path):
        response = await datasette.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def session():
        tables = {table["name"]: table for table in (await ask("/archive.json"))["tables"]}
        assert {name: table["fts_table"] for name, table in tables.items() if table["fts_table"]} == {
            f"{name}_fts": f"{name}_fts" for name in SEARCHED
        } | {name: f"{name}_fts" for name in SEARCHED}
        entries = await ask("/archive/entries.json?_search=pooling&_shape=objects")
        assert [row["id"] for row in entries["rows"]] == ["weight-banding"]
        claims = await ask("/archive/claims.json?_search=banding&state=refuted&_shape=objects")
        assert [row["name"] for row in claims["rows"]] == ["weight-banding/pooling-makes-bands"]
        row = await ask("/archive/claims/weight-banding~2Fpooling-makes-bands.json?_shape=objects")
        assert row["rows"][0]["verdict"] == "✗ refuted"

    datasette = Datasette([str(database)])
    try:
        asyncio.run(session())
    finally:
        for held in datasette.databases.values():
            held.close()


def test_only_what_changed_is_made_again(sample_newsletter, out, monkeypatch):
    archive_db.write(sample_newsletter, out)
    monkeypatch.setattr(archive_db, "_database", lambda _: b"new")
    archive_db.write(replace(sample_newsletter), out)
    archive_db.write(replace(sample_newsletter, issues=sample_newsletter.issues[:2]), out)
    out.commit([out.folder / "archive.db"])
    assert (out.folder / "archive.db").read_bytes() == b"new"
