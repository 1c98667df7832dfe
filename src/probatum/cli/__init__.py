"""The command `probatum`: one file of `commands` for each of its words."""

from __future__ import annotations

import pkgutil
import sys
import warnings
from importlib import import_module

import typer

from probatum import __version__
from probatum.cli import commands
from probatum.cli.printable import printable
from probatum.errors import ProbatumError

app = typer.Typer(
    name="probatum",
    help="A research newsletter whose claims run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def version(show: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """A research newsletter whose claims run."""
    if show:
        typer.echo(f"probatum {__version__}")
        raise typer.Exit


for _module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
    app.command(_module.name.rstrip("_"))(import_module(f"{commands.__name__}.{_module.name}").command)


def main() -> None:
    """Run the command line; a mistake of the user's ends with its message and status 1."""
    warnings.showwarning = _say_warning
    try:
        app()
    except ProbatumError as error:
        print(f"probatum: {printable(str(error))}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # `probatum verdicts | head`
        sys.stderr.close()
        sys.exit(1)


def _say_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"probatum: warning: {printable(str(message))}", file=sys.stderr)
