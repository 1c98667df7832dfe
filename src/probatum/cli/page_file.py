"""A page put into its place: whoever looks meanwhile sees the old one or the new one, never half of it."""

from __future__ import annotations

from pathlib import Path

from probatum.errors import ProbatumError


def write_page(path: Path, page: str, *, option: str = "--out") -> None:
    """Write the page; `ProbatumError`, which begins with the option's name, where it cannot be written."""
    half = path.with_name(f".{path.name}.part")
    try:
        half.write_text(page, encoding="utf-8", errors="replace", newline="\n")
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ProbatumError(f"{option} {path}: it cannot be written ({error.strerror})") from error
