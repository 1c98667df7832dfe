"""The command line: what a newcomer types, what it answers, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBATUM = Path(sys.executable).with_name("probatum")


def probatum(*words, cwd, status=0):
    done = subprocess.run([PROBATUM, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def letter(tmp_path_factory):
    """A new newsletter that was measured once."""
    root = tmp_path_factory.mktemp("cli")
    probatum("new", "letter", cwd=root)
    probatum("run", cwd=root / "letter")
    return root / "letter"


def test_a_new_newsletter_runs_and_builds(letter):
    assert "✓ supported" in probatum("verdicts", cwd=letter)
    said = probatum("build", cwd=letter)
    assert "1 issue, 1 entry" in said
    assert "1 claim, 1 run: 1 supported, 0 refuted, 0 not enough info." in said
    assert "✓ supported" in (letter / "site" / "issues" / "1.html").read_text()
    assert "two-dice" in probatum("search", "dice", cwd=letter)


def test_a_second_run_measures_nothing_and_says_so_quietly(letter):
    assert probatum("run", cwd=letter) == "0 trials measured, 5 were in the ledger already.\n"


def test_check_agrees_and_changes_nothing(letter):
    before = (letter / "ledger" / "two_dice.jsonl").read_bytes()
    assert "5 of 5 trials measured again agree" in probatum("check", "--budget", "1m", "--strict", cwd=letter)
    assert (letter / "ledger" / "two_dice.jsonl").read_bytes() == before


def test_check_says_where_this_machine_disagrees(letter, tmp_path):
    ledger = letter / "ledger" / "two_dice.jsonl"
    before = ledger.read_text()
    records = [json.loads(line) for line in before.splitlines()]
    for record in records:
        if record["kind"] == "trial" and record["seed"] == 3:
            record["metrics"]["mean"] += 1e-9
    ledger.write_text("".join(json.dumps(record) + "\n" for record in records))
    try:
        said = probatum("check", "--strict", cwd=letter, status=1)
    finally:
        ledger.write_text(before)
    assert "4 of 5 trials measured again agree" in said
    assert "seed 3" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "no-such-claim"], "no claim 'no-such-claim'; known are: two-dice/the-mean-is-seven"),
        (["check", "--budget", "soon"], "'soon' is no time"),
        (["build", "--newsletter", "nowhere"], "no newsletter here"),
        (["new", "entry"], "an entry needs a title"),
        (["new", "experiments"], "experiments is not empty"),
        (["import", "newsletter.yaml"], "newsletter.yaml"),
        (["search", "dice", "--database", "nothing.db"], "nothing.db"),
    ],
)
def test_mistakes_end_with_status_1_and_a_way_out(letter, words, says):
    assert says in probatum(*words, cwd=letter, status=1)


def test_all_mistakes_are_listed_and_nothing_is_built(letter, tmp_path):
    entry = letter / "entries" / "bad.md"
    entry.write_text("---\ntitle: Bad\ncategory: Statistic\ncolour: red\n---\nText with {entry}`nothing`.\n")
    try:
        said = probatum("build", "--out", str(tmp_path / "out"), cwd=letter, status=1)
    finally:
        entry.unlink()
    for words in ("bad.md:4: unknown key 'colour'", "bad.md:3: unknown category", "bad.md:6: cross-reference"):
        assert words in said
    assert "3 mistakes; nothing was built" in said
    assert not (tmp_path / "out").exists()


def test_schema_is_json(letter):
    assert "claims" in json.loads(probatum("schema", cwd=letter))["properties"]


def test_help_and_version(tmp_path):
    assert "import" in probatum("--help", cwd=tmp_path)
    assert probatum("--version", cwd=tmp_path).startswith("probatum 0.")


def test_a_closed_pipe_is_no_crash(letter):
    line = f"{PROBATUM} schema | head -1"
    done = subprocess.run(["bash", "-c", line], cwd=letter, capture_output=True, text=True, check=False, env=os.environ)
    assert "Traceback" not in done.stderr
