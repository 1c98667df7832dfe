"""`probatum serve`: look at the newsletter while writing it."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Annotated

import typer

from probatum.cli.commands.build import Drafts, Out
from probatum.cli.options import Folder, find_newsletter


def command(
    newsletter: Folder = None,
    out: Out = Path("site"),
    drafts: Drafts = False,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes a free one.")] = 8000,
) -> None:
    """Build, serve the pages on this machine, rebuild on every edit, and reload the browser."""
    from watchfiles import watch

    from probatum.newsletter.press import Press
    from probatum.server.preview import Preview, server

    folder = find_newsletter(newsletter)
    preview = Preview(Press(folder, out, drafts=drafts))
    # What the first build made stays: it need not be looked through for garbage after every edit.
    gc.disable()
    typer.echo(preview.rebuild())
    gc.freeze()
    gc.enable()
    pages = server(preview, port=port)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    typer.echo(f"Look at http://127.0.0.1:{pages.server_port}/ (Ctrl-C stops)")
    outside = out.resolve()
    try:
        for changes in watch(folder, debounce=50, step=20, raise_interrupt=False):
            if any(outside not in Path(path).parents for _, path in changes):
                typer.echo(preview.rebuild())
    finally:
        pages.shutdown()
        preview.finish()
