"""`probatum play`: how often a learned policy succeeds, and what that looks like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from probatum.cli.playing import Calibrated, Playing
    from probatum.control.environments.make_environment import EnvironmentSpec
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.control.rollouts import Rollouts

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The policy's folder, as 'probatum learn' wrote it.")]
Episodes = Annotated[int, typer.Option("--episodes", "-n", min=1, help="How many episodes it plays.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Decides how the episodes start.")]
Env = Annotated[str | None, typer.Option("--env", metavar="ID", help="Another environment than the one it learned in.")]
EnvName = Annotated[str | None, typer.Option("--env-name", metavar="TASK", help="Another task of Meta-World.")]
EnvOptions = Annotated[
    list[str] | None, typer.Option("--env-with", metavar="NAME=VALUE", help="An option of the environment's maker.")
]
EpisodeSteps = Annotated[int | None, typer.Option("--episode-steps", min=1, help="End episodes after so many steps.")]
Success = Annotated[
    str | None, typer.Option("--success", metavar="MODULE:FUNCTION", help="Says of an observation if it is a success.")
]
Video = Annotated[
    Path | None, typer.Option("--video", metavar="FILE", help="A clip: .gif, .png (animated), or .mp4 with ffmpeg.")
]
Sheet = Annotated[Path | None, typer.Option("--sheet", metavar="FILE.png", help="Frames of an episode on one picture.")]
Film = Annotated[int, typer.Option("--film", min=1, help="How many of the first episodes are drawn, where any are.")]
Calibrate = Annotated[bool, typer.Option("--calibrate", help="Also learn the probability of success behind the score.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE.html", help="Write a report with pictures.")]
Json = Annotated[bool, typer.Option("--json", help="Print all numbers as JSON.")]


def command(
    folder: Folder,
    episodes: Episodes = 20,
    seed: Seed = 0,
    env: Env = None,
    env_name: EnvName = None,
    env_options: EnvOptions = None,
    episode_steps: EpisodeSteps = None,
    success: Success = None,
    video: Video = None,
    sheet: Sheet = None,
    film: Film = 1,
    calibrate: Calibrate = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Play a learned policy, and say how often it succeeds: at some step, and at the end."""
    from probatum.cli.playing import Playing, environment_of, played
    from probatum.cli.progress import progress_bar
    from probatum.control.learned_policy import load_policy
    from probatum.progress import listening

    _refuse_places(video, sheet, out)
    asked = Playing(
        folder=folder,
        episodes=episodes,
        seed=seed,
        env=env,
        env_name=env_name,
        env_options=_pairs(env_options),
        max_episode_steps=episode_steps,
        success=success,
        film=min(film, episodes) if video or sheet else 0,
        calibrate=calibrate,
    )
    policy = load_policy(folder)
    if asked.film:
        _draw_without_a_display()
    spec = environment_of(asked, policy)
    with progress_bar() as progress, listening(progress):
        result = played(asked, policy, spec)
    _say(result, as_json)
    _write(asked, policy, spec, result, {"video": video, "sheet": sheet, "out": out}, as_json)


def _refuse_places(video: Path | None, sheet: Path | None, out: Path | None) -> None:
    """Before long work: files that could not be written, or not be drawn."""
    from importlib.util import find_spec

    for option, path in (("--video", video), ("--sheet", sheet), ("--out", out)):
        if path is not None and path.is_dir():
            raise ProbatumError(f"{option} {path}: it is a folder; give a file in it")
        if path is not None and not path.absolute().parent.is_dir():
            raise ProbatumError(f"{option} {path}: there is no folder {path.parent}")
    if (sheet or out) and find_spec("matplotlib") is None:
        raise MissingExtra("plot", "matplotlib")
    if video is not None:
        from probatum.control.video import refuse_clip

        refuse_clip(video)
    if sheet is not None and sheet.suffix.lower() != ".png":
        raise ProbatumError(f"--sheet {sheet}: contact sheets are written as .png")


def _pairs(words: list[str] | None) -> dict[str, object] | None:
    from probatum.cli.method_options import read_value

    pairs: dict[str, object] = {}
    for word in words or ():
        name, equals, text = word.partition("=")
        if not equals or not name.strip() or name.strip() in pairs:
            raise ProbatumError(f"--env-with {word!r}: give each option once, as name=value, such as discrete=true")
        pairs[name.strip()] = read_value(text, f"--env-with {word!r}")
    return pairs or None


def _draw_without_a_display() -> None:
    """MuJoCo decides when it is imported how it will draw."""
    import os
    import sys

    if sys.platform == "linux" and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("MUJOCO_GL", "egl")


def _say(result: Rollouts | Calibrated, as_json: bool) -> None:
    from probatum.cli.printable import printable
    from probatum.report.numbers import to_json

    fields = result.to_dict()
    for warning in fields.get("warnings", ()):
        typer.echo(f"probatum: warning: {printable(warning)}", err=True)
    typer.echo(to_json(fields) if as_json else printable(result.summary()))


def _write(
    asked: Playing,
    policy: LearnedPolicy,
    spec: EnvironmentSpec,
    result: Rollouts | Calibrated,
    places: dict[str, Path | None],
    as_json: bool,
) -> None:
    from probatum.cli.playing_report import write_report
    from probatum.control.contact_sheet import write_contact_sheet
    from probatum.control.rollouts import Rollouts
    from probatum.control.video import write_clip

    rollouts = result if isinstance(result, Rollouts) else result.rollouts
    if places["video"] is not None:
        write_clip(places["video"], rollouts)
    if places["sheet"] is not None:
        write_contact_sheet(places["sheet"], rollouts)
    if places["out"] is not None:
        write_report(places["out"], asked, policy, spec, result)
    for place in filter(None, places.values()):
        typer.echo(f"Wrote {place}.", err=as_json)
