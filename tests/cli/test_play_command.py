"""`probatum play`: a policy's folder in; a sentence, numbers, pictures or a page out; every mistake has a way out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from walking_policies import random_policy, to_the_disc, to_the_right

from probatum.cli import main
from probatum.control.policy_files import save_policy

ROOM = {"id": "probatum/PointRoom-v0", "name": None, "max_episode_steps": None, "options": {}}
OWN = '''
"""Rooms of the user's own."""

import pathlib

from probatum.control.environments.point_room import PointRoom

pathlib.Path("was-run").write_text("yes")


def short_room(**options):
    return PointRoom(steps=12, **options)


def on_the_left(observation):
    return observation[0] < 0


number = 7
'''


def save(folder, policy, *, environment=ROOM, **changed):
    parts = {
        "method": "rce",
        "seed": 3,
        "spaces": policy.spaces,
        "actor": policy.actor,
        "critic": policy.critic,
        "history": {"steps": np.array([10.0])},
        "settings": {"steps": 10},
        "warnings": (),
    }
    save_policy(folder, environment=environment, **(parts | changed))


@pytest.fixture
def play(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with policies written by hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    save(Path("walking"), to_the_disc())
    save(Path("passing"), to_the_right())
    Path("own_rooms.py").write_text(OWN)
    monkeypatch.delitem(sys.modules, "own_rooms", raising=False)

    def run(*words, status=0):
        monkeypatch.setattr(sys, "argv", ["probatum", "play", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code == status, said
        return said

    yield run
    sys.modules.pop("own_rooms", None)


def test_the_rates_are_said(play):
    said = play("walking")
    assert said.out.startswith("rce: success in 20 of 20 episodes (100%, 95 % interval 84% to 100%), at the end of 20")
    assert said.err == ""


def test_episodes_and_seed_reach_the_player(play):
    first, second, third = (play("passing", "-n", "6", "--seed", seed, "--json").out for seed in "112")
    assert first == second != third
    numbers = json.loads(first)
    assert numbers["episodes"] == len(numbers["success_ever"]) == 6
    assert "films" not in numbers


def test_another_environment_and_its_options(play):
    assert "13 steps" in play("walking", "--episodes", "2", "--episode-steps", "13").out
    said = play("walking", "--episodes", "2", "--env-with", "steps=14", "--env-with", "wall=true")
    assert "14 steps" in said.out


def test_options_are_those_of_the_training_but_for_those_given(play):
    save(Path("short"), to_the_disc(), environment=ROOM | {"options": {"steps": 9, "wall": True}})
    assert "9 steps" in play("short").out
    assert "9 steps" in play("short", "--env-with", "wall=false").out
    assert "8 steps" in play("short", "--env-with", "steps=8").out
    assert "observations of 4 numbers" in play("short", "--env", "CartPole-v1", status=1).err


@pytest.mark.parametrize("changed", [{"options": [1]}, {"options": "ab"}, {"max_episode_steps": "many"}])
def test_a_damaged_environment_is_told(play, changed):
    save(Path("damaged"), to_the_disc(), environment=ROOM | changed)
    assert "what it says of its environment cannot be used" in play("damaged", status=1).err


def test_code_is_run_only_where_the_command_line_names_it(play):
    save(Path("foreign"), to_the_disc(), environment=ROOM | {"id": "own_rooms:short_room"})
    said = play("foreign", status=1)
    assert "would run code of that module" in said.err
    assert "--env own_rooms:short_room" in said.err
    assert not Path("was-run").exists()
    assert "12 steps" in play("foreign", "--env", "own_rooms:short_room").out
    assert Path("was-run").exists()


def test_what_success_is_may_be_told(play):
    assert "at the end of 0 (0%" in play("walking", "--success", "own_rooms:on_the_left").out
    assert "no function 'number'" in play("walking", "--success", "own_rooms:number", status=1).err
    assert "cannot be imported" in play("walking", "--success", "nowhere:f", status=1).err
    assert "give package.module:function" in play("walking", "--success", "f", status=1).err


def test_an_environment_that_nobody_knows_must_be_named(play):
    save(Path("made"), to_the_disc(), environment={"factory": "<function room>"})
    assert "how its environment (<function room>) is made; name one with --env" in play("made", status=1).err
    assert "20 episodes" in play("made", "--env", "probatum/PointRoom-v0").out


def test_clip_and_sheet_and_page_are_written_and_equal_again(play):
    words = ("passing", "-n", "10", "--calibrate", "--film", "2", "--episode-steps", "20")
    said = play(*words, "--video", "a.gif", "--sheet", "a.png", "--out", "a.html")
    assert said.out.endswith("Wrote a.gif.\nWrote a.png.\nWrote a.html.\n")
    said = play(*words, "--video", "b.gif", "--sheet", "b.png", "-o", "b.html", "--json")
    assert json.loads(said.out)["calibration"]["episodes"] == 10
    assert said.err.endswith("Wrote b.gif.\nWrote b.png.\nWrote b.html.\n")
    for kind in ("gif", "png", "html"):
        assert Path(f"a.{kind}").read_bytes() == Path(f"b.{kind}").read_bytes()
    page = Path("a.html").read_text()
    for words in ("Brier", "Wilson", "play(policy, env_fn=env_fn, episodes=10, seed=0)", "Episode 2", "20 steps"):
        assert words in page
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith(".")) == []


def test_the_code_on_the_page_plays_the_same(play):
    play("passing", "-n", "10", "--calibrate", "--out", "page.html")
    from probatum.cli.playing import Playing, environment_of
    from probatum.cli.playing_report import python_code
    from probatum.control.learned_policy import load_policy

    asked = Playing(folder=Path("passing"), episodes=10, calibrate=True)
    code = python_code(asked, environment_of(asked, load_policy("passing")))
    compile(code, "page", "exec")
    assert "calibrate(rollouts)" in code


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere: there is no such folder"),
        (("walking/policy.json",), "it is a file; give the folder"),
        (("walking", "--video", "clip.avi"), "clips are written as .gif"),
        (("walking", "--video", "no/clip.gif"), "--video no/clip.gif: there is no folder no"),
        (("walking", "--sheet", "sheet.jpg"), "--sheet sheet.jpg: contact sheets are written as .png"),
        (("walking", "--out", "walking"), "--out walking: it is a folder"),
        (("walking", "--calibrate", "-n", "9"), "--calibrate needs at least 10 episodes"),
        (("blind", "--calibrate"), "a policy without a classifier"),
        (("walking", "--env", "Pendulum-v1"), "learned with observations of 2 numbers"),
        (("walking", "--env", "Pendulum-v0"), "Pendulum-v1"),
        (("walking", "--env-with", "wall"), "give each option once, as name=value"),
        (("other",), "learned with observations of 7 numbers and actions of 3 numbers; this environment has"),
        (("walking", "--env", "own_rooms:short_room", "--sheet", "s.png"), "make it with render_mode='rgb_array'"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(play, words, message):
    save(Path("blind"), to_the_disc(), critic=None)
    save(Path("other"), random_policy())
    assert message in play(*words, status=1).err
    assert not list(Path().glob("*.gif")) + list(Path().glob("*.html")) + list(Path().glob("*.png"))


def test_a_room_of_ones_own_can_be_drawn(play):
    words = ("--env", "own_rooms:short_room", "--env-with", "render_mode=rgb_array", "--sheet", "s.png")
    assert play("walking", "-n", "1", *words).out.endswith("Wrote s.png.\n")


def test_nothing_but_the_words_is_said_by_the_program_itself(play):
    code = "import sys; from probatum.cli import main; sys.argv = ['probatum', 'play', 'walking', '-n', '1']; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stderr == ""


@pytest.mark.slow
def test_a_simulation_is_drawn_without_a_display_and_without_other_words(play):
    from probatum.control.environments.make_environment import environment_from
    from probatum.control.environments.spaces import read_spaces

    env = environment_from("Meta-World/MT1", name="drawer-close-v3")()
    spaces = read_spaces(env)
    env.close()
    policy = random_policy(observation=spaces.observation, action=spaces.action)
    save(
        Path("arm"),
        policy,
        spaces=spaces,
        environment={"id": "Meta-World/MT1", "name": "drawer-close-v3", "max_episode_steps": 12, "options": {}},
    )
    code = (
        "import sys; from probatum.cli import main\n"
        "sys.argv = ['probatum', 'play', 'arm', '-n', '2', '--sheet', 's.png', '--video', 'c.gif']; main()"
    )
    env = {name: value for name, value in os.environ.items() if name not in ("MUJOCO_GL", "DISPLAY")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stderr == ""
    assert "12 steps an episode" in done.stdout
