"""How much a sheet may hold: a file from a stranger must not fill the memory or the disk."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.errors import ProbatumError

_MEGABYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Upper bounds; the Alignment Newsletter's own sheet stays under each by a factor of four at least.

    `cell` is three times what a spreadsheet program allows in one cell, since a CSV file knows no such bound.
    `characters` counts every cell, so that a workbook which names one long text in all its cells is caught.
    `ratio` (unzipped to zipped size) is asked only of what unzips to more than a megabyte.
    """

    file_bytes: int = 64 * _MEGABYTE
    unzipped_bytes: int = 128 * _MEGABYTE
    ratio: int = 200
    rows: int = 100_000
    cells: int = 2_000_000
    cell: int = 100_000
    characters: int = 50_000_000

    def hold(self, source: str, name: str, value: int, row: int = 0) -> None:
        """Refuse a `value` above the limit called `name`.

        Raises:
            ProbatumError: saying where there is too much of what, and how much would do.
        """
        limit: int = getattr(self, name)
        if value > limit:
            place = f"{source}, row {row}" if row else source
            raise ProbatumError(f"{place}: {value:,} {_WHAT[name]}, and at most {limit:,} are read; split the file")


_WHAT = {
    "file_bytes": "bytes",
    "unzipped_bytes": "bytes when unzipped",
    "ratio": "times larger when unzipped, as a zip bomb is",
    "rows": "rows",
    "cells": "cells",
    "cell": "characters in one cell",
    "characters": "characters up to here",
}
