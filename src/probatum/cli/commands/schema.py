"""`probatum schema`: print the JSON Schema of an entry's front matter."""

from __future__ import annotations

import json

import typer


def command() -> None:
    """Print the JSON Schema of an entry's front matter, for editors that complete and check YAML."""
    from probatum.newsletter.reading.schema import entry_schema

    typer.echo(json.dumps(entry_schema(), indent=2, ensure_ascii=False))
