"""The ledger keeps whole records through kills, merges and several writers."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from claim_samples import make_trial

from probatum.claims.ledger import Ledger
from probatum.claims.trial import Trial
from probatum.errors import ProbatumError


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger")


def lines(ledger, suffix="jsonl"):
    return (ledger.folder / f"draw.{suffix}").read_bytes().splitlines()


def test_what_is_added_is_read(ledger):
    odd = {"z": 1.5, "inf": float("inf"), "low": -float("inf")}
    trial = make_trial(0, odd, parameters={"b": [1, "ü"], "a": None}, environment={"python": "3"})
    failed = make_trial(1)
    ledger.add(trial)
    ledger.add(failed)
    assert sorted(ledger.trials("draw"), key=lambda one: one.seed) == [trial, failed]
    assert ledger.experiments() == ["draw"]
    assert ledger.trials("other") == ()
    for line in lines(ledger):  # strict JSON: no NaN, no Infinity
        json.loads(line, parse_constant=pytest.fail)


def test_not_a_number_is_kept(ledger):
    ledger.add(make_trial(0, {"z": float("nan")}))
    assert str(ledger.trials("draw")[0].metrics["z"]) == "nan"


def test_a_later_version_may_add_fields_and_kinds(ledger):
    trial = make_trial(0, {"z": 1.0})
    ledger.append("draw", trial.to_record() | {"carbon": 3})
    ledger.append("draw", {"kind": "song", "words": "la"})
    assert ledger.trials("draw") == (trial,)


def test_artifacts_lie_under_their_hash(ledger):
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    ledger.add(make_trial(0, {"z": 1.0}, artifacts={"a.PNG": digest}), {"a.PNG": b"hello"})
    path = ledger.artifact("a.PNG", digest)
    assert (path.name, path.read_bytes()) == (f"{digest}.png", b"hello")
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_last_line_torn_anywhere_costs_no_whole_record(ledger, monkeypatch):
    monkeypatch.setattr("probatum.claims.ledger.os.fsync", lambda file: None)  # hundreds of cases
    first, torn, after = (make_trial(seed, {"z": 1.0}) for seed in range(3))
    ledger.add(first)
    ledger.add(torn)
    path = ledger.folder / "draw.jsonl"
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole) + 1):
        case = Ledger(ledger.folder.parent / f"torn-{end}")
        case.folder.mkdir()
        (case.folder / "draw.jsonl").write_bytes(whole[:end])
        is_whole = end >= len(whole) - 1  # only the line end may lack
        before = [first, torn] if is_whole else [first]
        assert sorted(case.trials("draw"), key=lambda one: one.seed) == before
        case.add(after)
        assert sorted(case.trials("draw"), key=lambda one: one.seed) == [*before, after]
        assert [json.loads(line)["seed"] for line in lines(case)] == [one.seed for one in [*before, after]]
        if end > start and not is_whole:
            assert lines(case, "jsonl.torn") == [whole[start:end]]
        else:
            assert not (case.folder / "draw.jsonl.torn").exists()


def test_a_damaged_middle_is_said_with_its_line_and_left(ledger):
    ledger.add(make_trial(0, {"z": 1.0}))
    path = ledger.folder / "draw.jsonl"
    path.write_bytes(b"<<<<<<< ours\n" + path.read_bytes())
    before = path.read_bytes()
    with pytest.raises(ProbatumError, match=r"draw\.jsonl:1: '<<<<<<< ours' is no record"):
        ledger.trials("draw")
    assert path.read_bytes() == before


def test_a_trial_that_lacks_parts_is_said(ledger):
    ledger.append("draw", {"kind": "trial", "key": "abc", "metrics": None})
    with pytest.raises(ProbatumError, match="'abc' cannot be read"):
        ledger.trials("draw")


def test_of_one_key_the_last_started_counts_in_any_order(ledger):
    early = make_trial(0, {"z": 1.0}, key="same")
    late = replace(early, metrics={"z": 2.0}, started="2027-01-01T00:00:00+00:00")
    twin = replace(late, metrics={"z": 3.0})
    found = set()
    for place, order in enumerate([(early, late, twin), (twin, late, early), (late, twin, early)]):
        case = Ledger(ledger.folder / str(place))
        for trial in order:
            case.add(trial)
        (trial,) = case.trials("draw")
        found.add(trial.metrics["z"])
    assert found == {3.0}


WRITER = """\
import sys
from pathlib import Path
from probatum.claims.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(60):
    ledger.append("draw", {"kind": "song", "by": sys.argv[2], "number": number, "words": "la" * 3000})
"""


def test_two_processes_append_at_once(ledger):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(ledger.folder), name]) for name in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    records = ledger.records("draw")
    for name in "ab":
        assert [record["number"] for record in records if record["by"] == name] == list(range(60))


def test_an_append_waits_for_the_file_that_replaced_its_own(ledger, monkeypatch):
    ledger.add(make_trial(0, {"z": 1.0}))
    path = ledger.folder / "draw.jsonl"
    real, calls = __import__("fcntl").flock, []

    def flock(file, how):
        real(file, how)
        if not calls:  # a checkout puts a new file in place while we wait for the lock
            calls.append(1)
            other = path.with_suffix(".new")
            other.write_bytes(path.read_bytes())
            other.replace(path)

    monkeypatch.setattr("probatum.claims.ledger.fcntl.flock", flock)
    ledger.add(make_trial(1, {"z": 1.0}))
    assert len(ledger.trials("draw")) == 2


def test_a_full_disk_leaves_no_half_line(ledger, monkeypatch):
    import os

    ledger.add(make_trial(0, {"z": 1.0}))
    before = lines(ledger)
    real = os.write
    monkeypatch.setattr("probatum.claims.ledger.os.write", lambda file, data: real(file, data[:10]))
    with pytest.raises(OSError, match="only 10 of"):
        ledger.add(make_trial(1, {"z": 1.0}))
    assert lines(ledger) == before


def test_records_are_read_again_only_when_the_file_changed(ledger):
    ledger.add(make_trial(0, {"z": 1.0}))
    assert ledger.trials("draw") is ledger.trials("draw")
    assert isinstance(ledger.trials("draw")[0], Trial)
