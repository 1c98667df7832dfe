"""The zip file that an .xlsx workbook is: its parts, opened only after their sizes have been looked at."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from probatum.errors import ProbatumError
from probatum.newsletter.importing.limits import Limits

_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises for a torn, encrypted or strangely compressed archive."""


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[ZipFile]:
    """Open a workbook's zip file.

    Raises:
        ProbatumError: it is torn, or unzips to more than the limits allow.
    """
    try:
        with ZipFile(path) as package:
            _refuse_bomb(path, package, limits)
            yield package
    except _BROKEN as error:
        raise ProbatumError(f"{path}: is no whole .xlsx file ({error}); save the sheet again") from error


@contextmanager
def part(package: ZipFile, name: str) -> Iterator[IO[bytes]]:
    """Open one part for reading; `zipfile` never hands out more bytes than the size looked at."""
    try:
        info = package.getinfo(name)
    except KeyError:
        raise ProbatumError(f"{package.filename}: is a zip file without {name}, so no .xlsx workbook") from None
    with package.open(info) as stream:
        yield stream


def _refuse_bomb(path: Path, package: ZipFile, limits: Limits) -> None:
    unzipped = sum(info.file_size for info in package.infolist())
    limits.hold(str(path), "unzipped_bytes", unzipped)
    if unzipped > 1 << 20:
        limits.hold(str(path), "ratio", unzipped // max(1, path.stat().st_size))
