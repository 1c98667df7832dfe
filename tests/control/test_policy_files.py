import json
import os
import signal
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from walking_policies import random_policy, to_the_disc

from probatum.control import policy_files
from probatum.control.policy_files import ARRAYS, COMING, WORDS, read_policy, save_policy
from probatum.errors import ProbatumError


def parts(policy=None, **changed):
    policy = policy or random_policy()
    return {
        "method": "rce",
        "seed": 3,
        "spaces": policy.spaces,
        "actor": policy.actor,
        "critic": policy.critic,
        "history": {"steps": np.array([100.0, 200.0]), "odds": np.array([np.nan, np.inf]), "w": np.array([0.1, 1 / 3])},
        "settings": {"gamma": 0.99, "hidden": (64, 64), "float": np.float32(0.5), "array": np.arange(2), "no": None},
        "environment": {"id": "probatum/PointRoom-v0", "name": None},
        "warnings": ("the ü in a warning",),
    } | changed


def network_bytes(network):
    return [array.tobytes() for pair in network.weights for array in (*pair, network.mean, network.scale)]


@pytest.fixture
def folder(tmp_path):
    save_policy(tmp_path / "policy", **parts())
    return tmp_path / "policy"


@pytest.mark.parametrize("discrete", [False, True])
def test_what_is_saved_comes_back_to_the_bit(tmp_path, discrete):
    given = parts(random_policy(discrete=discrete, action=4))
    save_policy(tmp_path, **given)
    found = read_policy(tmp_path)
    assert found.keys() == given.keys()
    assert (found["method"], found["seed"], found["warnings"]) == ("rce", 3, given["warnings"])
    assert found["spaces"] == given["spaces"]
    assert network_bytes(found["actor"]) == network_bytes(given["actor"])
    assert network_bytes(found["critic"]) == network_bytes(given["critic"])
    assert found["actor"].discrete is discrete
    assert found["settings"] == {"gamma": 0.99, "hidden": [64, 64], "float": 0.5, "array": [0, 1], "no": None}
    assert found["environment"] == given["environment"]
    for name, column in given["history"].items():
        assert found["history"][name].tobytes() == column.tobytes()


def test_a_policy_without_a_critic_comes_back(tmp_path):
    save_policy(tmp_path, **parts(critic=None))
    assert read_policy(tmp_path)["critic"] is None


def test_what_was_read_can_be_saved_again_and_gives_the_same_bytes(folder, tmp_path):
    save_policy(tmp_path / "again", **read_policy(folder))
    for name in (WORDS, ARRAYS):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_words_can_be_read_by_people_and_other_files_stay(folder):
    (folder / "checkpoint").mkdir()
    (folder / "note.txt").write_text("mine")
    save_policy(folder, **parts(to_the_disc(), method="sqil"))
    words = json.loads((folder / WORDS).read_text())
    assert (words["format"], words["version"], words["method"]) == ("probatum policy", 1, "sqil")
    assert words["history"]["odds"] == [None, "inf"]
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint", "note.txt", WORDS, ARRAYS]


def test_the_arrays_file_holds_no_pickle(folder):
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        assert arrays["actor.0.weight"].shape == (7, 16)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"history": {"a": [1.0], "b": [1.0, 2.0]}}, r"different lengths: \{'a': 1, 'b': 2\}"),
        ({"settings": {"f": print}}, "cannot be written as JSON .*builtin_function"),
        ({"settings": {"f": float("nan")}}, "cannot be written as JSON"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_old_policy_stays(folder, changed, message):
    with pytest.raises(ProbatumError, match=message):
        save_policy(folder, **parts(**changed))
    assert read_policy(folder)["seed"] == 3


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProbatumError, match="file: the policy cannot be written"):
        save_policy(tmp_path / "file", **parts())


def test_places_without_a_policy_are_told_apart(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "running" / "checkpoint").mkdir(parents=True)
    for seed in (0, 1):
        save_policy(tmp_path / "many" / f"seed-{seed}", **parts())
    for name, message in [
        ("nowhere", "there is no such folder"),
        ("file", "it is a file; give the folder"),
        ("empty", "it holds no policy"),
        ("many", r"it holds the folders of 2 policies \(seed-0, seed-1\): give one, .*many.seed-0"),
        ("running", "the training has not ended .*--resume"),
    ]:
        with pytest.raises(ProbatumError, match=f"{name}: {message}"):
            read_policy(tmp_path / name)


def change(folder, **changed):
    words = json.loads((folder / WORDS).read_text())
    (folder / WORDS).write_text(json.dumps(words | changed))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"format": "another"}, "this JSON is no policy"),
        ({"version": 2}, "format version 2, and this Probatum reads version 1; a newer one"),
        ({"version": None}, "format version None"),
        ({"method": 7}, "damaged: 'method' is missing or no str"),
        ({"seed": True}, "damaged: 'seed'"),
        ({"spaces": {}}, "damaged: the spaces cannot be read"),
        ({"actor": None}, "damaged: "),
        ({"actor": {"layers": 4, "discrete": False}}, "damaged: .*actor.3.weight"),
        ({"actor": {"layers": 2, "discrete": False}}, "damaged: the actor is for observations and actions of sizes"),
        ({"actor": {"layers": 0, "discrete": False}}, "damaged: 0 layers"),
        ({"actor": {"layers": 10**9, "discrete": False}}, "damaged: 1000000000 layers"),
        ({"actor": {"layers": 3, "discrete": 1}}, "damaged: 'discrete' is 1"),
        ({"actor": {"layers": 3, "discrete": True}}, "damaged: the actor is for .*"),
        ({"critic": {"layers": 2}}, "damaged: critic: "),
        ({"critic": {}}, "damaged: 'layers' is missing"),
        ({"critic": 5}, "damaged: "),
        ({"history": {"a": [1], "b": []}}, "damaged: the columns"),
        ({"history": {"a": ["much"]}}, "damaged: could not convert"),
        ({"history": {"a": 5}}, "damaged: "),
        ({"arrays": None}, "not the file that policy.json names"),
        ({"arrays": {"file": "../elsewhere.npz", "sha256": 3}}, "not the file that policy.json names"),
    ],
)
def test_damaged_words_are_refused(folder, changed, message):
    change(folder, **changed)
    with pytest.raises(ProbatumError, match=message):
        read_policy(folder)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[1]", b"null", b"[" * 100_000, b'{"format": NaN}'])
def test_what_is_no_policy_is_refused(folder, text):
    (folder / WORDS).write_bytes(text)
    with pytest.raises(ProbatumError, match=WORDS):
        read_policy(folder)


def test_missing_and_changed_arrays_are_refused(folder):
    data = (folder / ARRAYS).read_bytes()
    for damaged in (data[:-1], data[: len(data) // 2], b"", bytes([data[0] ^ 1]) + data[1:]):
        (folder / ARRAYS).write_bytes(damaged)
        with pytest.raises(ProbatumError, match=r"not the file that policy\.json names"):
            read_policy(folder)
    (folder / ARRAYS).unlink()
    with pytest.raises(ProbatumError, match="this file is missing"):
        read_policy(folder)


def test_arrays_that_would_run_code_are_refused_even_where_the_words_vouch_for_them(folder, tmp_path):
    import hashlib

    harm = tmp_path / "harm"

    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(harm),)

    np.savez(folder / ARRAYS, **{"actor.mean": np.array([Harmful()], dtype=object)})
    digest = hashlib.sha256((folder / ARRAYS).read_bytes()).hexdigest()
    change(folder, arrays={"file": ARRAYS, "sha256": digest})
    with pytest.raises(ProbatumError, match="Python objects"):
        read_policy(folder)
    assert not harm.exists()


@pytest.mark.parametrize("stop", range(4))
def test_a_save_that_stops_anywhere_leaves_the_old_policy_or_the_new_one(folder, monkeypatch, stop):
    """The steps are: sync the arrays, sync the words, rename the words (from here on the new one counts), rename."""
    done = []

    def halting(step):
        def call(*arguments):
            if len(done) == stop:
                raise KeyboardInterrupt
            done.append(step)
            return step(*arguments)

        return call

    path = type(folder)
    monkeypatch.setattr(policy_files.os, "fsync", halting(os.fsync))
    monkeypatch.setattr(path, "replace", halting(path.replace))
    with pytest.raises(KeyboardInterrupt):
        save_policy(folder, **parts(random_policy(seed=1), seed=4))
    monkeypatch.undo()
    found = read_policy(folder)
    which = 4 if stop == 3 else 3
    assert found["seed"] == which
    assert network_bytes(found["actor"]) == network_bytes(random_policy(seed=which - 3).actor)
    save_policy(folder, **parts(seed=5))
    assert read_policy(folder)["seed"] == 5
    assert not (folder / COMING).exists()


@pytest.mark.slow
def test_a_saving_process_may_be_killed_at_any_time(folder):
    code = (
        "import sys; from test_policy_files import parts, save_policy, random_policy\n"
        "for seed in range(100_000): save_policy(sys.argv[1], **parts(random_policy(seed=seed % 7), seed=seed % 7))"
    )
    places = [os.path.dirname(__file__), os.path.join(os.path.dirname(__file__), "..", "networks")]
    save_policy(folder, **parts(seed=0))
    for number in range(5):
        env = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
        with subprocess.Popen([sys.executable, "-c", code, folder], env=env) as running:
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(2 + 0.03 * number)
            running.send_signal(signal.SIGKILL)
        found = read_policy(folder)
        assert network_bytes(found["actor"]) == network_bytes(random_policy(seed=found["seed"]).actor)


def test_every_field_of_the_spaces_is_kept(folder):
    found, given = read_policy(folder)["spaces"], random_policy().spaces
    for field in fields(given):
        assert np.array_equal(getattr(found, field.name), getattr(given, field.name)), field.name
