"""`probatum new`: make a newsletter, an entry or an issue."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from probatum.cli.options import Folder, find_newsletter
from probatum.errors import ProbatumError


def command(
    what: Annotated[str, typer.Argument(help="`entry`, `issue`, or the folder of a new newsletter.")],
    title: Annotated[str, typer.Argument(help="The title of the entry or issue.")] = "",
    newsletter: Folder = None,
) -> None:
    """Make a newsletter (`new DIR`), a draft entry (`new entry TITLE`) or a draft issue (`new issue`)."""
    from probatum.newsletter import new

    today = datetime.date.today()
    if what == "entry":
        if not title.strip():
            raise ProbatumError("an entry needs a title: probatum new entry 'The title of the work'")
        typer.echo(new.new_entry(find_newsletter(newsletter), title))
    elif what == "issue":
        typer.echo(new.new_issue(find_newsletter(newsletter), title=title, today=today))
    else:
        for path in new.new_newsletter(Path(what), today=today):
            typer.echo(path)
        typer.echo(f"Next: cd {what}, then probatum run and probatum build")
