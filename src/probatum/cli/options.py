"""Arguments that several commands share, and the newsletter that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.claims.claim import Claim
    from probatum.newsletter.reading.reader import Source

CONFIG = "newsletter.yaml"

Folder = Annotated[
    Path | None,
    typer.Option("--newsletter", "-n", help="The newsletter's folder; else the one here, or ./newsletter."),
]
Claims = Annotated[
    list[str] | None,
    typer.Argument(help="Claims as ENTRY/CLAIM, CLAIM or ENTRY; all of them if none is given."),
]


def find_newsletter(folder: Path | None) -> Path:
    """The newsletter meant: `folder`, or the one in or under the current folder.

    Raises:
        ProbatumError: there is no `newsletter.yaml`.
    """
    candidates = [folder] if folder else [Path(), Path("newsletter")]
    for candidate in candidates:
        if (candidate / CONFIG).is_file():
            return candidate
    looked = " or ".join(str(candidate / CONFIG) for candidate in candidates)
    raise ProbatumError(f"no newsletter here: looked for {looked}; make one with 'probatum new DIR'")


def choose_claims(source: Source, wanted: list[str] | None) -> list[Claim]:
    """The claims meant by the names that were given, in the order of the entries.

    Raises:
        ProbatumError: a name fits no claim.
    """
    claims = [claim for file in source.entries.values() for claim in file.entry.claims]
    if not wanted:
        return claims
    for name in wanted:
        if not any(name in (claim.name, claim.id, claim.entry) for claim in claims):
            known = ", ".join(claim.name for claim in claims) or "none"
            raise ProbatumError(f"no claim {name!r}; known are: {known}")
    return [claim for claim in claims if {claim.name, claim.id, claim.entry} & set(wanted)]
