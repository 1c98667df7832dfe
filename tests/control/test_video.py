import os
import stat
import sys
from dataclasses import replace

import gymnasium
import matplotlib
import numpy as np
import pytest
from PIL import Image
from walking_policies import to_the_disc

from probatum.control.contact_sheet import draw_contact_sheet, write_contact_sheet
from probatum.control.environments.make_environment import environment_from
from probatum.control.environments.point_room import PointRoom
from probatum.control.rollouts import play
from probatum.control.video import refuse_clip, write_clip
from probatum.errors import ProbatumError

matplotlib.use("Agg")


def room():
    return PointRoom(render_mode="rgb_array")


def short():
    return PointRoom(render_mode="rgb_array", steps=8)


@pytest.fixture(scope="module")
def rollouts():
    return play(to_the_disc(), env_fn=short, episodes=3, frames=2)


def frames_of(path):
    with Image.open(path) as clip:
        times, frames = [], []
        for number in range(clip.n_frames):
            clip.seek(number)
            times.append(clip.info["duration"])
            frames.append(np.asarray(clip.convert("RGB")))
    return np.array(frames), times


def test_frames_are_those_of_the_states(rollouts):
    assert [film.steps.tolist() for film in rollouts.films] == [list(range(9))] * 2
    assert rollouts.films[0].frames.shape == (9, 96, 96, 3)
    assert rollouts.films[0].fps == 20
    blue = np.all(rollouts.films[0].frames == (40, 70, 200), axis=-1)
    columns = [np.argwhere(one)[:, 1].mean() for one in blue]
    assert columns[:7] == sorted(columns[:7])  # it walks to the right
    assert len(set(columns)) > 5


def test_frames_are_thinned_and_the_last_one_is_there():
    film = play(to_the_disc(), env_fn=room, episodes=1, frames=1, every=20).films[0]
    assert film.steps.tolist() == [0, 20, 40, 50]
    assert film.fps == 1


def test_fast_time_is_thinned_to_twenty_frames_a_second():
    class Fast(gymnasium.Wrapper):
        metadata = PointRoom.metadata | {"render_fps": 80}

    film = play(to_the_disc(), env_fn=lambda: Fast(room()), episodes=1, frames=1).films[0]
    assert film.steps.tolist() == [*range(0, 49, 4), 50]
    assert film.fps == 20


def test_large_frames_are_made_smaller():
    class Large(gymnasium.Wrapper):
        def render(self):
            return np.zeros((1300, 700, 3), np.uint8)

    film = play(to_the_disc(), env_fn=lambda: Large(short()), episodes=1, frames=1).films[0]
    assert film.frames.shape[1:] == (434, 234, 3)


class Broken(gymnasium.Wrapper):
    def __init__(self, env, frame):
        super().__init__(env)
        self.frame = frame

    def render(self):
        if self.frame is None:
            raise OSError("no display")
        return self.frame


@pytest.mark.parametrize(
    ("env_fn", "message"),
    [
        (PointRoom, "its render_mode is None.*render_mode='rgb_array'"),
        (lambda: gymnasium.vector.SyncVectorEnv([room]), "only a single environment can be filmed"),
        (lambda: Broken(room(), None), r"^.*it cannot be drawn here \(OSError: no display; MuJoCo draws"),
        (lambda: Broken(room(), []), "its renderer gives list; a uint8 array"),
        (lambda: Broken(room(), np.zeros((4, 4, 3))), r"its renderer gives float64 \(4, 4, 3\)"),
    ],
)
def test_environments_that_cannot_be_filmed_are_refused_in_words(env_fn, message):
    with pytest.raises(ProbatumError, match=message) as raised:
        play(to_the_disc(), env_fn=env_fn, frames=1)
    assert "the environment raised" not in str(raised.value)


def test_a_gif_plays_all_filmed_episodes_at_the_speed_of_the_environment(rollouts, tmp_path):
    write_clip(tmp_path / "clip.gif", rollouts)
    frames, times = frames_of(tmp_path / "clip.gif")
    assert sum(times) == 18 * 50  # frames that do not differ may be one that lasts longer
    assert frames.shape[1:] == (192 + 38, 192, 3)  # twice as large, with a strip for the curve
    assert np.abs(frames[0][:192:2, ::2].astype(int) - rollouts.films[0].frames[0]).max() < 10  # 256 colours


def test_an_animated_png_keeps_every_colour(rollouts, tmp_path):
    write_clip(tmp_path / "clip.png", rollouts, fps=10)
    frames, times = frames_of(tmp_path / "clip.png")
    assert set(times) == {100}
    assert (frames[0][:192:2, ::2] == rollouts.films[0].frames[0]).all()


def test_without_scores_there_is_no_strip(tmp_path):
    silent = play(replace(to_the_disc(), critic=None), env_fn=short, episodes=1, frames=1)
    write_clip(tmp_path / "clip.gif", silent)
    assert frames_of(tmp_path / "clip.gif")[0].shape[1:] == (192, 192, 3)
    write_contact_sheet(tmp_path / "sheet.png", silent)


def test_equal_films_give_equal_files(rollouts, tmp_path):
    for name in ("a.gif", "b.gif", "a.png", "b.png"):
        write_clip(tmp_path / name, rollouts)
    for kind in ("gif", "png"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("clip.avi", {}, r"clips are written as .gif, .png \(animated\) or .mp4"),
        ("clip", {}, "clips are written as"),
        ("clip.gif", {"fps": -1}, "-1 frames a second"),
        ("nowhere/clip.gif", {}, "the clip cannot be written"),
    ],
)
def test_clips_that_cannot_be_written_are_refused_in_words(rollouts, tmp_path, name, options, message):
    with pytest.raises(ProbatumError, match=message):
        write_clip(tmp_path / name, rollouts, **options)
    assert list(tmp_path.iterdir()) == []


def test_nothing_filmed_is_told(tmp_path):
    rollouts = play(to_the_disc(), env_fn=short, episodes=1)
    with pytest.raises(ProbatumError, match="no episode was filmed"):
        write_clip(tmp_path / "clip.gif", rollouts)
    with pytest.raises(ProbatumError, match=r"episode 0 was not filmed .* frames=1 or more"):
        write_contact_sheet(tmp_path / "sheet.png", rollouts)


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Put a program of that name on the path; give the code that it runs."""

    def install(code):
        program = tmp_path / "bin" / "ffmpeg"
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nimport sys, pathlib\n{code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", os.pathsep.join([str(program.parent), os.environ["PATH"]]))

    return install


def test_mp4_needs_the_program(tmp_path, monkeypatch, rollouts):
    monkeypatch.setenv("PATH", str(tmp_path))
    for call in (lambda: write_clip(tmp_path / "clip.mp4", rollouts), lambda: refuse_clip(tmp_path / "clip.mp4")):
        with pytest.raises(ProbatumError, match=r"ffmpeg, which is not on the path; install it, or write .*clip\.gif"):
            call()


def test_mp4_is_made_from_raw_frames(tmp_path, rollouts, ffmpeg):
    ffmpeg("pathlib.Path(sys.argv[-1]).write_text(' '.join(sys.argv[1:-1]) + f' {len(sys.stdin.buffer.read())}')")
    write_clip(tmp_path / "clip.mp4", rollouts)
    *words, size = (tmp_path / "clip.mp4").read_text().split()
    assert int(size) == 18 * 192 * 230 * 3
    assert words[words.index("-s") + 1] == "192x230"
    assert words[words.index("-r") + 1] == "20"


def test_what_the_program_complains_of_is_told(tmp_path, rollouts, ffmpeg):
    ffmpeg("sys.stderr.write('first\\nno such codec\\n'); sys.exit(3)")
    with pytest.raises(ProbatumError, match=r"ffmpeg wrote no clip \(no such codec\); write a .gif instead"):
        write_clip(tmp_path / "clip.mp4", rollouts)


def test_a_contact_sheet_shows_start_and_end_with_the_scores(rollouts):
    from matplotlib.figure import Figure

    axes = draw_contact_sheet(rollouts, Figure().subplots(), episode=1, frames=4)
    words = [text.get_text() for text in axes.texts]
    assert words == [f"step {step}: {rollouts.scores[1][step]:+.1f}" for step in (0, 3, 5, 8)]
    sheet = axes.images[0].get_array()
    assert sheet.shape == (96 + 13 + 1, 4 * 100, 3)
    assert (sheet[13:-1, 1:97] == rollouts.films[1].frames[0]).all()
    assert (sheet[13:-1, 301:397] == rollouts.films[1].frames[-1]).all()


def test_a_contact_sheet_is_one_picture(rollouts, tmp_path):
    for name in ("a.png", "b.png"):
        write_contact_sheet(tmp_path / name, rollouts, frames=9)
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.width == 1320
        assert sheet.height > 500
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with pytest.raises(ProbatumError, match="episode 2 was not filmed"):
        write_contact_sheet(tmp_path / "c.png", rollouts, episode=2)
    with pytest.raises(ProbatumError, match="the contact sheet cannot be written"):
        write_contact_sheet(tmp_path / "nowhere" / "c.png", rollouts)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("identity", "name"), [("Meta-World/MT1", "drawer-close-v3"), ("AdroitHandDoor-v1", None)])
def test_environments_of_the_extra_are_drawn(identity, name, tmp_path):
    from walking_policies import random_policy

    from probatum.control.environments.spaces import read_spaces

    maker = environment_from(identity, name=name, max_episode_steps=20, render=True)
    env = maker()
    spaces = read_spaces(env)
    env.close()
    policy = random_policy(observation=spaces.observation, action=spaces.action)
    rollouts = play(replace(policy, spaces=spaces), env_fn=maker, episodes=1, frames=1, every=10)
    assert rollouts.films[0].steps.tolist() == [0, 10, 20]
    assert rollouts.films[0].frames.std() > 10
    write_contact_sheet(tmp_path / "sheet.png", rollouts)
