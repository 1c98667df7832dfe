"""`probatum search`: find entries in the archive's database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from probatum.claims.judge import VerdictState


def command(
    query: Annotated[str, typer.Argument(help='Words, "whole phrases", and begin* of words.')],
    database: Annotated[Path, typer.Option("--database", "-d", help="The database that a build wrote.")] = Path(
        "site/archive.db"
    ),
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="How many entries at most.")] = 10,
    verdict: Annotated[
        VerdictState | None, typer.Option("--verdict", help="Only entries with a claim so judged.")
    ] = None,
) -> None:
    """Find entries in the archive, the best first."""
    from probatum.newsletter.parts.archive_search import search

    hits = search(database, query, limit=limit, verdict=verdict)
    for hit in hits:
        issue = f"issue {hit.issue}" if hit.issue is not None else "no issue"
        typer.echo(f"{hit.title} ({issue}, {hit.page})")
        if quote := " ".join("".join(hit.quote).split()):
            typer.echo(f"    {quote}")
    typer.echo(f"{len(hits)} entries." if hits else f"Nothing found for {query!r}.")
