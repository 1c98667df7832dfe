"""`probatum build`: read the newsletter, write it in every format."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from probatum.cli.options import Folder, find_newsletter

Out = Annotated[Path, typer.Option("--out", "-o", help="The folder to write; it is made if it is not there.")]
Drafts = Annotated[bool, typer.Option("--drafts", help="Show what is not published yet, too.")]


def command(newsletter: Folder = None, out: Out = Path("site"), drafts: Drafts = False) -> None:
    """Write the newsletter in every format: pages, e-mail, feeds, spreadsheet, database, citations."""
    # What a build makes lives until it ends: looking for garbage in it would cost a fifth of the time.
    gc.disable()
    from probatum.newsletter.press import Press
    from probatum.newsletter.wording import counted, denominator

    built, written = Press(find_newsletter(newsletter), out, drafts=drafts).build()
    issues, entries = counted(len(built.issues), "issue"), counted(len(built.entries), "entry", "entries")
    typer.echo(f"{issues}, {entries}; {counted(len(written), 'file')} written.")
    typer.echo(denominator(built.claims(), built.verdicts))
    typer.echo(f"Open {out / 'index.html'}")
