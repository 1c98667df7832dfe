"""`probatum import`: turn a spreadsheet of summaries into entries and issues."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[Path, typer.Argument(help="The spreadsheet, .xlsx or .csv.")],
    into: Annotated[Path, typer.Option("--into", help="The newsletter's folder; it is made if need be.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite entries that were edited here.")] = False,
    dates: Annotated[Path | None, typer.Option("--dates", help="A CSV of number, date, title.")] = None,
) -> None:
    """Turn a spreadsheet with the columns of the Alignment Newsletter into entries and issues."""
    from probatum.newsletter.importing.sheet import import_sheet

    for line in import_sheet(file, into, force=force, dates=dates).lines():
        typer.echo(line)
