"""`probatum learn`: a policy from examples of success, with no reward."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    from probatum.cli.learning import Learned
    from probatum.cli.learning_record import Learning


def _show_help(context: typer.Context, wanted: bool) -> None:
    if wanted:
        import shutil
        import textwrap

        from probatum.cli.learners import learner_lines

        width = shutil.get_terminal_size().columns
        typer.echo(context.get_help())
        typer.echo("\nMethods:")
        for name, line in learner_lines().items():
            typer.echo(textwrap.fill(line, width, initial_indent=f"  {name:<14} ", subsequent_indent=" " * 17))
        raise typer.Exit


Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the policy goes, and what else there is.")]
Env = Annotated[
    str | None, typer.Option("--env", metavar="ID", help="A Gymnasium id, Meta-World/MT1, or package.module:function.")
]
EnvName = Annotated[str | None, typer.Option("--env-name", metavar="TASK", help="The task of Meta-World.")]
EnvOptions = Annotated[
    list[str] | None, typer.Option("--env-with", metavar="NAME=VALUE", help="An option of the environment's maker.")
]
EpisodeSteps = Annotated[int | None, typer.Option("--episode-steps", min=1, help="End episodes after so many steps.")]
Examples = Annotated[
    str | None, typer.Option("--examples", metavar="FILE", help="States of success: .npz, .npy, .csv and others.")
]
Success = Annotated[
    str | None, typer.Option("--success", metavar="MODULE:FUNCTION", help="Says of an observation if it is a success.")
]
Methods = Annotated[
    list[str] | None,
    typer.Option("--method", "-m", metavar="METHOD", help="rce unless given; several are compared."),
]
Steps = Annotated[int | None, typer.Option("--steps", min=2, help="Environment steps; 20,000 unless given.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="The first seed; 0 unless given.")]
Seeds = Annotated[int | None, typer.Option("--seeds", min=1, help="How many seeds, side by side; 1 unless given.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="How many processes share the seeds.")]
Options = Annotated[
    list[str] | None,
    typer.Option("--with", "--set", metavar="NAME=VALUE", help="An option of the method; may be repeated."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the training in DIR, from its last checkpoint.")]
Report = Annotated[bool, typer.Option("--report/--no-report", help="Write DIR/report.html with pictures.")]
Json = Annotated[bool, typer.Option("--json", help="Print all numbers as JSON.")]
Help = Annotated[
    bool, typer.Option("--help", is_eager=True, callback=_show_help, help="Show this message and the methods.")
]


def command(
    out: Out,
    env: Env = None,
    env_name: EnvName = None,
    env_options: EnvOptions = None,
    episode_steps: EpisodeSteps = None,
    examples: Examples = None,
    success: Success = None,
    methods: Methods = None,
    steps: Steps = None,
    seed: Seed = None,
    seeds: Seeds = None,
    jobs: Jobs = None,
    options: Options = None,
    resume: Resume = False,
    report: Report = True,
    as_json: Json = False,
    show_help: Help = False,
) -> None:
    """Learn a policy from examples of success, and say how often it succeeds."""
    from probatum.cli.learning import learn_all
    from probatum.cli.learning_request import begun
    from probatum.cli.progress import progress_bar
    from probatum.progress import listening

    given = {
        "env": env,
        "env_name": env_name,
        "env_options": env_options,
        "max_episode_steps": episode_steps,
        "examples": examples,
        "success": success,
        "methods": methods,
        "steps": steps,
        "seed": seed,
        "seeds": seeds,
        "jobs": jobs,
        "options": options,
    }
    if report:
        _refuse_no_pictures()
    asked = begun(out, given, resume=resume)
    try:
        with progress_bar() as progress, listening(progress):
            learned = learn_all(asked, out, resume=resume)
    except KeyboardInterrupt:
        typer.echo(f"probatum: stopped; go on with: probatum learn --out {out} --resume", err=True)
        raise typer.Exit(130) from None
    _say(asked, learned, out, report=report, as_json=as_json)


def _refuse_no_pictures() -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise MissingExtra("plot", "matplotlib")


def _say(asked: Learning, learned: Learned, out: Path, *, report: bool, as_json: bool) -> None:
    from probatum.cli.learning_report import health_lines, write_reports
    from probatum.cli.printable import printable
    from probatum.report.numbers import to_json

    lines = health_lines(learned)
    for warning in dict.fromkeys(getattr(learned.result, "warnings", ())):
        if warning not in lines:
            typer.echo(f"probatum: warning: {printable(warning)}", err=True)
    typer.echo(to_json(learned.result.to_dict()) if as_json else printable(learned.result.summary()))
    for line in lines:
        typer.echo(printable(f"{line[:1].upper()}{line[1:]}."), err=as_json)
    pages = write_reports(asked, learned, out) if report else []
    typer.echo(f"Wrote {out}{'; see ' + str(pages[0]) if pages else ''}.", err=as_json)
