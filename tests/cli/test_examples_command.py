"""`probatum examples`: an environment in; a file of states of success, or what is wrong with one, out."""

import json
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from walking_policies import to_the_disc

from probatum.cli import main
from probatum.control.environments.point_room import GOAL, RADIUS, success_states
from probatum.control.policy_files import save_policy

matplotlib.use("Agg")

ROOM = ["--env", "probatum/PointRoom-v0"]
OWN = '''
"""Functions of the user's own."""

import numpy as np


def inside(env, generator):
    env.unwrapped._place = (0.6, float(generator.uniform(0.55, 0.65)))
    return np.array(env.unwrapped._place, np.float32)


def on_the_right(observation):
    return observation[0] > 0


def upper(observation):
    return observation[1] > 0.6
'''


@pytest.fixture
def examples(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; return its status, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("own_examples.py").write_text(OWN)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["probatum", "examples", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return stopped.value.code or 0, said.out, said.err

    yield run
    sys.modules.pop("own_examples", None)


def test_random_actions_collect(examples):
    status, out, _ = examples(*ROOM, "--count", "12", "--seed", "3", "--out", "e.npz")
    assert status == 0
    assert out == "Wrote 12 examples of 2 columns to e.npz (probatum/PointRoom-v0, success, seed 3).\n"
    with np.load("e.npz") as arrays:
        rows = arrays["observations"]
        assert str(arrays["note"]) == "probatum/PointRoom-v0, success, seed 3"
    assert (np.hypot(rows[:, 0] - GOAL[0], rows[:, 1] - GOAL[1]) <= RADIUS * 1.00001).all()
    first = Path("e.npz").read_bytes()
    examples(*ROOM, "--count", "12", "--seed", "3", "--out", "e.npz")
    assert Path("e.npz").read_bytes() == first


def test_setter_and_success_of_the_users_own(examples):
    setting = [*ROOM, "--from", "state_setter", "--setter", "own_examples:inside", "--count", "5", "--out", "e.npz"]
    status, out, _ = examples(*setting)
    assert status == 0
    assert "state_setter by own_examples:inside, seed 0" in out
    status, _, err = examples(*setting, "--success", "own_examples:upper")
    assert status == 1
    assert "is no success by the function given" in err
    words = ["--env-with", "discrete=true", "--success", "own_examples:on_the_right"]
    status, out, _ = examples(*ROOM, *words, "--count", "5", "--out", "right.npz")
    assert (np.load("right.npz")["observations"][:, 0] > 0).all()
    assert "discrete=true" in out


def test_a_policy_collects(examples):
    policy = to_the_disc()
    save_policy(
        "walking",
        method="rce",
        seed=0,
        spaces=policy.spaces,
        actor=policy.actor,
        critic=policy.critic,
        history={"steps": np.array([1.0])},
        settings={},
        environment={},
        warnings=(),
    )
    status, out, err = examples(*ROOM, "--policy", "walking", "--count", "20", "--steps", "2000", "--out", "e.npz")
    assert status == 0, err
    assert "success by policy walking" in out
    status, _, err = examples("--env", "Pendulum-v1", "--policy", "walking", "--out", "e.npz")
    assert status == 1
    assert "reads observations of 2 columns; the environment's have 3" in err


def test_good_examples_are_called_so(examples):
    np.savez("good.npz", observations=success_states(100, 0))
    status, out, err = examples(*ROOM, "--check", "good.npz")
    assert status == 0
    assert out.startswith("no warning: 100 examples of 2 columns, ")
    assert err == ""


def test_warnings_and_numbers_of_a_check(examples):
    rows = success_states(100, 0) * 100
    np.savetxt("centimetres.csv", rows, delimiter=",")
    status, out, err = examples(*ROOM, "--check", "centimetres.csv", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["unreachable"] == [0, 1]
    assert found["failures"] is None
    assert "probatum: warning: examples differ from everything reachable" in err
    _, out, _ = examples(*ROOM, "--check", "centimetres.csv", "--success", "own_examples:upper")
    assert "2 warnings: 100 examples" in out


def test_a_check_becomes_a_page(examples):
    np.savez("good.npz", observations=success_states(100, 0))
    status, out, _ = examples(*ROOM, "--check", "good.npz", "--out", "check.html", "--success", "own_examples:upper")
    assert status == 0
    assert out.endswith("Wrote check.html.\n")
    page = Path("check.html").read_text()
    assert "Examples of success in probatum/PointRoom-v0" in page
    assert "from own_examples import upper" in page
    assert "success=upper" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*ROOM], "give --out successes.npz, or --check FILE"),
        ([*ROOM, "--out", "."], "it is a folder"),
        ([*ROOM, "--out", "no/e.npz"], "there is no folder no"),
        ([*ROOM, "--out", "e.csv"], "examples are written as .npz"),
        ([*ROOM, "--check", "x.npz", "--out", "e.npz"], "a check is written as a page, .html"),
        ([*ROOM, "--check", "x.npz"], "x.npz: there is no such file"),
        ([*ROOM, "--from", "scripted", "--out", "e.npz"], "PointRoom has no scripted policy"),
        ([*ROOM, "--from", "state_setter", "--out", "e.npz"], "no state setter for PointRoom"),
        ([*ROOM, "--setter", "a:b", "--out", "e.npz"], "--setter a:b goes with --from state_setter"),
        ([*ROOM, "--from", "scripted", "--policy", "p", "--out", "e.npz"], "--policy p goes with --from success"),
        ([*ROOM, "--policy", "nowhere", "--out", "e.npz"], "nowhere"),
        ([*ROOM, "--steps", "20", "--out", "e.npz"], "only 0 of 200 examples after 20 steps"),
        ([*ROOM, "--env-with", "discrete", "--out", "e.npz"], "--env-with 'discrete': give each option once"),
        ([*ROOM, "--success", "own_examples:nothing", "--out", "e.npz"], "--success own_examples:nothing"),
        (["--env", "PointRom-v0", "--out", "e.npz"], "no environment is called"),
        (["--env", "Pendulum-v1", "--out", "e.npz"], "does not say what a success is"),
    ],
)
def test_mistakes_are_said_in_words(examples, words, message):
    status, out, err = examples(*words)
    assert status == 1
    assert err.startswith("probatum: ")
    assert message in err
    assert "Traceback" not in err
    assert not out
