"""`probatum run`: measure what claims need and the ledger lacks."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from probatum.cli.options import Claims, Folder, choose_claims, find_newsletter

Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes of this machine.")]


def command(
    claims: Claims = None,
    newsletter: Folder = None,
    jobs: Jobs = 1,
    cluster: Annotated[str | None, typer.Option("--cluster", help="The address of a Dask scheduler.")] = None,
    carry: Annotated[
        bool, typer.Option("--carry", help="After a refactoring: measure one seed again, carry the others.")
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Also trials that raised.")] = False,
) -> None:
    """Measure what is missing or stale; each trial is kept as soon as it is finished."""
    from probatum.claims.carry import carry as carry_over
    from probatum.claims.run import run
    from probatum.cli.progress import progress_bar
    from probatum.newsletter.reading.reader import read_source

    source = read_source(find_newsletter(newsletter))
    chosen = choose_claims(source, claims)
    measure = carry_over if carry else partial(run, retry_failed=retry_failed, beside=choose_claims(source, None))
    with progress_bar() as progress:
        report = measure(
            chosen, source.ledger, experiments=source.experiments, jobs=jobs, cluster=cluster, progress=progress
        )
    typer.echo(report.summary())
    for change in report.changes:
        before = f"{change.was} -> " if change.was else ""
        typer.echo(f"  {change.claim}: {before}{change.now}")
