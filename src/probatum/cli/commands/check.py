"""`probatum check`: measure recorded trials again on this machine, and say where it disagrees."""

from __future__ import annotations

from typing import Annotated

import typer

from probatum.cli.commands.run import Jobs
from probatum.cli.options import Claims, Folder, choose_claims, find_newsletter


def command(
    claims: Claims = None,
    newsletter: Folder = None,
    budget: Annotated[str, typer.Option("--budget", help="How long it may take: 90s, 2m, 1h.")] = "2m",
    jobs: Jobs = 1,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 if anything disagrees.")] = False,
) -> None:
    """Measure recorded trials again, the cheapest first, and say where this machine disagrees; nothing is changed."""
    from probatum.claims.check import check
    from probatum.claims.duration import seconds
    from probatum.cli.progress import progress_bar
    from probatum.newsletter.reading.reader import read_source

    source = read_source(find_newsletter(newsletter))
    chosen = choose_claims(source, claims)
    with progress_bar() as progress:
        report = check(
            chosen, source.ledger, seconds(budget), experiments=source.experiments, jobs=jobs, progress=progress
        )
    typer.echo(report.summary())
    if strict and report.disagreed:
        raise typer.Exit(1)
