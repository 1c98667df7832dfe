"""`probatum examples`: collect states of success from an environment, or check those that there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from probatum.cli.example_request import ExampleRequest
    from probatum.control.example_check import ExampleCheck

Env = Annotated[
    str, typer.Option("--env", metavar="ID", help="A Gymnasium id, Meta-World/MT1, or package.module:function.")
]
EnvName = Annotated[str | None, typer.Option("--env-name", metavar="TASK", help="The task of Meta-World.")]
EnvOptions = Annotated[
    list[str] | None, typer.Option("--env-with", metavar="NAME=VALUE", help="An option of the environment's maker.")
]
EpisodeSteps = Annotated[int | None, typer.Option("--episode-steps", min=1, help="End episodes after so many steps.")]
Source = Annotated[
    Literal["scripted", "success", "state_setter", "trajectories"],
    typer.Option(
        "--from",
        help="success: by random actions, or --policy. scripted: by Meta-World's own policies. state_setter: by "
        "--setter, or for the Adroit door and hammer without. trajectories: whole scripted ones: see a method fail.",
    ),
]
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="How many examples.")]
PerEpisode = Annotated[int, typer.Option("--per-episode", min=1, help="How many of an episode's successes are taken.")]
Steps = Annotated[int | None, typer.Option("--steps", min=1, help="The most steps to collect in, or to check with.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Decides all that is random.")]
Success = Annotated[
    str | None, typer.Option("--success", metavar="MODULE:FUNCTION", help="Says of an observation if it is a success.")
]
Setter = Annotated[
    str | None,
    typer.Option("--setter", metavar="MODULE:FUNCTION", help="(environment, generator) -> observation of a success."),
]
Policy = Annotated[
    Path | None, typer.Option("--policy", metavar="FOLDER", help="Acts in place of random actions (--from success).")
]
Check = Annotated[
    str | None, typer.Option("--check", metavar="FILE", help="Check these examples instead of collecting any.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where examples go (.npz), or a check's page (.html)."),
]
Json = Annotated[bool, typer.Option("--json", help="Print all numbers of a check as JSON.")]


def command(
    env: Env,
    env_name: EnvName = None,
    env_options: EnvOptions = None,
    episode_steps: EpisodeSteps = None,
    source: Source = "success",
    count: Count = 200,
    per_episode: PerEpisode = 10,
    steps: Steps = None,
    seed: Seed = 0,
    success: Success = None,
    setter: Setter = None,
    policy: Policy = None,
    check: Check = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Collect examples of success from an environment, or check a file of them before a policy is learned."""
    from probatum.cli.example_request import ExampleRequest, collected
    from probatum.cli.progress import progress_bar
    from probatum.progress import listening

    asked = ExampleRequest(
        env=env,
        env_name=env_name,
        env_options=tuple(env_options or ()),
        episode_steps=episode_steps,
        source=source,
        count=count,
        per_episode=per_episode,
        steps=steps,
        seed=seed,
        success=success,
        setter=setter,
        policy=policy,
        file=check,
    )
    _refuse_place(out, check)
    if check is not None:
        _check(asked, out, as_json)
        return
    with progress_bar() as progress, listening(progress):
        examples, note = collected(asked)
    _keep(examples, note, out)


def _refuse_place(out: Path | None, check: str | None) -> None:
    """Before long work: a file that could not be written."""
    from importlib.util import find_spec

    if out is None and check is None:
        raise ProbatumError("nowhere to put the examples: give --out successes.npz, or --check FILE to look at some")
    if out is None:
        return
    if out.is_dir():
        raise ProbatumError(f"--out {out}: it is a folder; give a file in it")
    if not out.absolute().parent.is_dir():
        raise ProbatumError(f"--out {out}: there is no folder {out.parent}")
    if check is None and out.suffix.lower() != ".npz":
        raise ProbatumError(f"--out {out}: examples are written as .npz")
    if check is not None and out.suffix.lower() not in (".html", ".htm"):
        raise ProbatumError(f"--out {out}: a check is written as a page, .html")
    if check is not None and find_spec("matplotlib") is None:
        raise MissingExtra("plot", "matplotlib")


def _keep(examples: object, note: str, out: Path | None) -> None:
    from probatum.cli.printable import printable
    from probatum.control.examples.writing import write_examples

    assert out is not None
    count, columns = write_examples(out, examples, note=note)
    typer.echo(printable(f"Wrote {count} examples of {columns} columns to {out} ({note})."))


def _check(asked: ExampleRequest, out: Path | None, as_json: bool) -> None:
    from probatum.cli.example_request import checked, write_page
    from probatum.cli.progress import progress_bar
    from probatum.progress import listening

    with progress_bar() as progress, listening(progress):
        result = checked(asked)
    _say(result, as_json)
    if out is not None:
        write_page(out, asked, result)
        typer.echo(f"Wrote {out}.", err=as_json)


def _say(result: ExampleCheck, as_json: bool) -> None:
    from probatum.cli.printable import printable
    from probatum.report.numbers import to_json

    if as_json:
        for warning in result.warnings:
            typer.echo(f"probatum: warning: {printable(warning)}", err=True)
        typer.echo(to_json(result.to_dict()))
    else:
        typer.echo(printable(result.summary()))
