"""`probatum learn`: what it writes and says, that it goes on where it was stopped, and that every mistake is named."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from probatum import report
from probatum.cli import learners, main
from probatum.cli.learning_facts import environment, python_code
from probatum.cli.learning_record import read_record
from probatum.control.environments.point_room import success_states
from probatum.control.learned_policy import load_policy
from probatum.control.training_run import TrainingRun

BEGIN = ("--env", "probatum/PointRoom-v0", "--examples", "successes.npz", "--steps", "120")


SEEDS = ("", ", seed 0", ", seed 1")


def small(*more):
    options = ("hidden=[8]", "batch=8", "evaluations=3", "evaluation_episodes=1", "checkpoint_every=40", *more)
    return [word for option in options for word in ("--with", option)]


@pytest.fixture
def learn(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with examples, `successes.npz`; returns what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    np.savez("successes.npz", observations=success_states(40))
    np.savez("wide.npz", observations=np.ones((40, 3), np.float32))

    def run(*words, status=0):
        monkeypatch.setattr(sys, "argv", ["probatum", "learn", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code == status, said
        return said

    return run


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A folder in which a policy was learned, to be copied: its record, policy and examples."""
    folder = tmp_path_factory.mktemp("learned")
    np.savez(folder / "successes.npz", observations=success_states(40))
    script = Path(sys.executable).with_name("probatum")
    subprocess.run([script, "learn", *BEGIN, "--out", "policy", "--no-report", *small()], cwd=folder, check=True)
    return folder / "policy"


@pytest.fixture
def titles(monkeypatch):
    """Pages that hold their titles alone: drawing takes longer than learning here. Returns the titles."""
    written = []

    def write(result, *, title, facts, code):
        written.append(title)
        return title

    monkeypatch.setattr(report, "report_html", write)
    return written


def without_time(folder):
    words = json.loads((Path(folder) / "policy.json").read_text())
    words["history"].pop("seconds")
    return words


def same(first, second):
    arrays = [(Path(folder) / "policy.npz").read_bytes() for folder in (first, second)]
    return arrays[0] == arrays[1] and without_time(first) == without_time(second)


def stop_at(monkeypatch, step):
    """Let somebody press Ctrl-C when so many steps are done."""
    plain = TrainingRun.step

    def stepping(run):
        plain(run)
        if run.done == step:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingRun, "step", stepping)
    return lambda: monkeypatch.setattr(TrainingRun, "step", plain)


def test_a_policy_its_record_and_its_report_are_written(learn):
    said = learn(*BEGIN, "--out", "policy", *small())
    assert said.out.startswith("rce, seed 0: after 120 steps success in ")
    assert "Too early to say: 90 updates; success seldom begins before 1,000.\n" in said.out
    assert said.out.endswith("Wrote policy; see policy/report.html.\n")
    assert sorted(path.name for path in Path("policy").iterdir()) == [
        "learn.json",
        "policy.json",
        "policy.npz",
        "report.html",
    ]
    policy = load_policy("policy")
    assert (policy.method, policy.seed, policy.settings["hidden"]) == ("rce", 0, [8])
    page = Path("policy/report.html").read_text()
    for wanted in ("Learning probatum/PointRoom-v0 by rce", "SHA-256", "n_step = 10", "batch = 8", "gymnasium 1."):
        assert wanted in page, wanted


def test_the_python_of_a_report_learns_the_same(learn):
    learn(*BEGIN, "--out", "policy", "--no-report", "--seed", "3", *small("n_step=2", "entropy=1e-2"))
    names = {}
    exec(python_code(read_record(Path("policy"))), names)
    names["policy"].save("again")
    assert same("policy", "again")


def test_numbers_as_json(learn):
    said = learn(*BEGIN, "--out", "policy", "--json", "--no-report", *small())
    numbers = json.loads(said.out)
    assert numbers["history"]["steps"][-1] == 120
    assert numbers["settings"]["batch"] == 8
    assert "Wrote policy." in said.err


def test_a_training_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(learn, monkeypatch):
    learn(*BEGIN, "--out", "whole", "--no-report", *small())
    go_on = stop_at(monkeypatch, 100)
    said = learn(*BEGIN, "--out", "half", "--no-report", *small(), status=130)
    assert said.err.endswith("probatum: stopped; go on with: probatum learn --out half --resume\n")
    go_on()
    assert [path.name for path in Path("half").rglob("checkpoint.npz")]
    learn("--out", "half", "--resume", "--no-report")
    assert same("whole", "half")
    assert not list(Path("half").rglob("checkpoint*"))


def test_a_training_stopped_before_its_first_checkpoint_starts_anew(learn, monkeypatch):
    go_on = stop_at(monkeypatch, 30)
    learn(*BEGIN, "--out", "half", "--no-report", *small(), status=130)
    go_on()
    Path("half/checkpoint").mkdir()  # as whoever is killed while writing the first one leaves it
    learn("--out", "half", "--resume", "--no-report")
    assert load_policy("half").history["steps"][-1] == 120


def test_what_is_finished_is_not_learned_again(learn, learned, monkeypatch):
    shutil.copytree(learned, "policy")
    stop_at(monkeypatch, 1)
    said = learn("--out", "policy", "--resume", "--no-report")
    assert said.out.startswith("rce, seed 0: after 120 steps success in ")
    assert same("policy", learned)


def test_seeds_side_by_side_come_out_as_alone(learn, titles):
    said = learn(*BEGIN, "--out", "many", "--seed", "4", "--seeds", "2", "--json", *small())
    learn(*BEGIN, "--out", "alone", "--seed", "5", "--no-report", *small())
    assert same("many/seed-5", "alone")
    numbers = json.loads(said.out)
    assert [run["seed"] for run in numbers["runs"]] == [4, 5]
    assert sorted(path.name for path in Path("many").iterdir()) == ["learn.json", "report.html", "seed-4", "seed-5"]
    assert "2 seeds are few" in said.err
    assert Path("many/seed-5/report.html").read_text() == "Learning probatum/PointRoom-v0 by rce, seed 5"


def test_seeds_that_were_stopped_go_on(learn, monkeypatch):
    learn(*BEGIN, "--out", "whole", "--seeds", "2", "--no-report", *small())
    go_on = stop_at(monkeypatch, 100)
    learn(*BEGIN, "--out", "half", "--seeds", "2", "--no-report", *small(), status=130)
    go_on()
    learn("--out", "half", "--resume", "--no-report")
    assert same("whole/seed-0", "half/seed-0")
    assert same("whole/seed-1", "half/seed-1")
    assert sorted(path.name for path in Path("half").iterdir()) == ["learn.json", "seed-0", "seed-1"]


@pytest.mark.slow
def test_processes_share_the_seeds(learn):
    learn(*BEGIN, "--out", "one", "--seeds", "3", "--no-report", *small())
    learn(*BEGIN, "--out", "two", "--seeds", "3", "--jobs", "2", "--no-report", *small())
    assert all(same(f"one/seed-{seed}", f"two/seed-{seed}") for seed in range(3))


def test_methods_are_compared_over_seeds(learn, titles):
    methods = ("--method", "rce", "-m", "two-stage", "--seeds", "2")
    said = learn(*BEGIN, "--out", "both", *methods, *small("n_step=2", "reward_updates=5"))
    assert "interquartile means of runs: rce " in said.out
    assert "above rce with probability" in said.out
    assert titles == [
        f"Learning probatum/PointRoom-v0 by {name}"
        for name in ("rce and two_stage", *(f"{one}{seed}" for one in ("rce", "two_stage") for seed in SEEDS))
    ]
    assert Path("both/two_stage/seed-1/report.html").read_text() == titles[-1]
    code = python_code(read_record(Path("both")))
    assert "objective=rce.objective(n_step=2)" in code
    assert "objective=two_stage.objective(reward_updates=5)" in code
    names = {}
    exec(code, names)
    assert f"{names['result'].summary()}\n" in said.out


def test_an_environment_and_a_test_of_success_of_ones_own(learn, monkeypatch):
    Path("my_room.py").write_text(
        "from probatum.control.environments.point_room import PointRoom\n\n\n"
        "def make(wall=False):\n    return PointRoom(wall=wall)\n\n\n"
        "def right(observation):\n    return observation[0] > 0.99\n"
    )
    monkeypatch.syspath_prepend(Path.cwd())
    own = ("--env", "my_room:make", "--success", "my_room:right", "--env-with", "wall=true", "--episode-steps", "10")
    learn(*own, "--examples", "successes.npz", "--out", "policy", "--steps", "60", "--no-report", *small())
    assert load_policy("policy").environment["options"] == {"wall": True}
    asked = read_record(Path("policy"))
    assert environment(asked) == "my_room:make (wall = True, episodes of 10 steps)"
    assert python_code(asked).startswith("from my_room import right\n")
    assert ", success=right)" in python_code(asked)
    # The record names code, and a folder may come from elsewhere: whoever goes on says it himself.
    refused = learn("--out", "policy", "--resume", status=1).err
    assert "the training's record names 'my_room:make', which would run code of that module" in refused
    learn("--out", "policy", "--resume", "--no-report", "--env", "my_room:make", "--success", "my_room:right")
    sys.modules.pop("my_room")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "p"], "--env is missing"),
        (["--env", "probatum/PointRoom-v0", "--out", "p"], "--examples is missing"),
        ([*BEGIN, "--out", "p", "-m", "rcee"], "no method 'rcee' learns a policy; did you mean 'rce'? known are: dac,"),
        ([*BEGIN, "--out", "p", "-m", "rce", "-m", "rce"], "give each method once"),
        ([*BEGIN, "--out", "p", "-m", "rce", "-m", "sqil"], "2 methods are compared over seeds: give --seeds 2"),
        ([*BEGIN, "--out", "p", "--with", "seed=3"], "--with 'seed=3': write --seed 3"),
        ([*BEGIN, "--out", "p", "--with", "n_steps=3"], "rce has no option 'n_steps'; it has n_step=10"),
        ([*BEGIN, "--out", "p", "--set", "n_step=two"], "n_step is a whole number (default 10)"),
        ([*BEGIN, "--out", "p", "--with", "n_step=0"], "n_step=0"),
        ([*BEGIN, "--out", "p", "--with", "batch"], "give name=value, such as hidden=[64,64]"),
        ([*BEGIN, "--out", "p", "--with", "batch=2", "--with", "batch=3"], "'batch' is given twice"),
        ([*BEGIN, "--out", "p", "--with", "discount=2"], "discount=2"),
        ([*BEGIN, "--out", "p", "--with", "warmup=500"], "warmup=500: must lie between 1 and steps - 1 = 119"),
        ([*BEGIN, "--out", "p", "--env-with", "wall"], "--env-with 'wall': give each option once, as name=value"),
        ([*BEGIN, "--out", "p", "--success", "no_such_module:f"], "no_such_module cannot be imported"),
        (["--env", "PointRom-v0", *BEGIN[2:], "--out", "p"], "no environment is called 'PointRom-v0'"),
        ([*BEGIN[:3], "no.npz", "--out", "p"], "no.npz"),
        ([*BEGIN[:3], "wide.npz", "--out", "p"], "3"),
        (["--out", "p", "--resume"], "--resume: p holds no training (learn.json is missing)"),
    ],
)
def test_mistakes_end_with_status_1_and_a_way_out(learn, words, says):
    said = learn(*words, status=1)
    assert says in said.err
    assert said.out == ""
    assert not list(Path("p").rglob("policy*"))


def test_after_a_mistake_the_same_folder_can_be_used(learn):
    learn(*BEGIN[:3], "wide.npz", "--out", "policy", status=1)
    learn(*BEGIN, "--out", "policy", "--no-report", *small())


def test_a_folder_with_a_training_is_not_overwritten(learn, learned):
    shutil.copytree(learned, "policy")
    said = learn(*BEGIN, "--out", "policy", status=1)
    assert "--out policy: there is a training already; go on with --resume, or give another folder" in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--steps", "300"], "the training began with --steps 120, and now it is 300"),
        (["--method", "sqil"], "the training began with --method rce, and now it is sqil"),
        (["--seed", "1"], "--seed 0, and now it is 1"),
        (["--with", "batch=9"], "--with"),
        (["--env-with", "wall=true"], "--env-with {}, and now it is {'wall': True}"),
        (["--examples", "wide.npz"], "--examples successes.npz, and now it is wide.npz"),
    ],
)
def test_a_training_goes_on_only_as_it_began(learn, learned, words, says):
    shutil.copytree(learned, "policy")
    assert says in learn("--out", "policy", "--resume", *words, status=1).err
    learn("--out", "policy", "--resume", "--no-report", "--steps", "120", *small())


def test_examples_that_changed_meanwhile_are_noticed(learn, learned):
    shutil.copytree(learned, "policy")
    np.savez("successes.npz", observations=success_states(41))
    assert "began with the content of --examples" in learn("--out", "policy", "--resume", status=1).err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "it cannot be read"),
        ("[]", "no record of a training"),
        ('{"format": "probatum training", "version": 9}', "no record of a training"),
        ('{"format": "probatum training", "version": 1}', "the record is damaged"),
        ('{"format": "probatum training", "version": 1, "methods": ["rce"], "options": [{}], "env": 3}', "env is 3"),
    ],
)
def test_a_damaged_record_is_named(learn, text, says):
    Path("policy").mkdir()
    Path("policy/learn.json").write_text(text)
    said = learn("--out", "policy", "--resume", status=1).err
    assert "policy/learn.json" in said
    assert says in said


@pytest.mark.slow
def test_a_training_that_was_killed_goes_on(learn, tmp_path):
    words = [*BEGIN[:4], "--steps", "1500", "--no-report", *small()]
    learn(*words, "--out", "whole")
    command = [Path(sys.executable).with_name("probatum"), "learn", *words, "--out", "killed"]
    running = subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"OMP_NUM_THREADS": "1"})
    while running.poll() is None and not list(Path("killed").rglob("checkpoint.npz")):
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not Path("killed/policy.json").exists()
    learn("--out", "killed", "--resume", "--no-report")
    assert same("whole", "killed")


def test_help_lists_the_methods_and_imports_no_method():
    code = (
        "import sys; sys.argv = ['probatum', 'learn', '--help']\n"
        "from probatum.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'gymnasium', 'matplotlib', 'jinja2', 'probatum.control'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "Methods:" in out
    assert re.search(r"^  rce +RCE: ", out, re.M)
    assert out.splitlines()[-1] == "[]"


def test_every_method_that_help_lists_can_be_found_and_has_an_objective():
    lines = learners.learner_lines()
    assert {"rce", "sqil", "vice", "dac"} <= lines.keys()
    for name, line in lines.items():
        assert line, name
        found = learners.find_learner(name.replace("_", "-"))
        assert found.__name__ == name
        assert learners.objective_of(found, {}).name.startswith(name)
