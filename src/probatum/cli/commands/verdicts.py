"""`probatum verdicts`: how every claim stands by the ledger."""

from __future__ import annotations

import typer

from probatum.cli.options import Claims, Folder, choose_claims, find_newsletter


def command(claims: Claims = None, newsletter: Folder = None) -> None:
    """Print each claim with its verdict, reported and measured value; nothing is run."""
    from probatum.claims.standing import standing
    from probatum.newsletter.reading.reader import read_source
    from probatum.newsletter.wording import denominator, evidence, verdict_words

    source = read_source(find_newsletter(newsletter))
    chosen = choose_claims(source, claims)
    verdicts = standing(chosen, source.ledger, experiments=source.experiments)
    for claim in chosen:
        verdict = verdicts[claim.name]
        typer.echo(f"{verdict_words(claim, verdict):<20} {claim.name}")
        typer.echo(f"    {claim.says}\n    {evidence(claim, verdict)}")
    typer.echo(denominator(chosen, verdicts))
