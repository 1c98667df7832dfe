"""What a rebuild costs after one entry was edited, and whether its files are those of a clean build."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

from measured import cpu_seconds, run

from probatum.newsletter.press import Press


@dataclass(frozen=True, kw_only=True)
class Rebuilds:
    """CPU seconds of each rebuild, and of bringing late files up to date; in which files a clean build differs."""

    rebuilds: tuple[float, ...]
    finish: float
    written: int
    different: tuple[str, ...]

    @property
    def median(self) -> float:
        """CPU seconds of the median rebuild."""
        return statistics.median(self.rebuilds)


def edit_and_rebuild(newsletter: Path, scratch: Path, build: list[str], edits: int) -> Rebuilds:
    """Edit entries of `newsletter` one after the other, each time as `probatum serve` rebuilds.

    Args:
        newsletter: a folder that may be changed.
        scratch: an empty folder for two sites.
        build: the command of a clean build, to which `--out` is added.
        edits: how many different entries are edited.
    """
    press = Press(newsletter, scratch / "edited")
    press.build()
    entries = [
        path for path in sorted((newsletter / "entries").glob("*.md")) if "\nsummarizer:" in path.read_text("utf-8")
    ]
    costs, written = [], []
    for number in range(edits):
        _edit(entries[(2 * number + 1) * len(entries) // (2 * edits)], number)
        start = cpu_seconds()
        _, files = press.build(bulk=False)
        costs.append(cpu_seconds() - start)
        written.append(len(files))
    start = cpu_seconds()
    press.finish()
    finish = cpu_seconds() - start
    run([*build, "--out", scratch / "clean"], scratch / "clean")
    different = _different(scratch / "edited", scratch / "clean")
    return Rebuilds(rebuilds=tuple(costs), finish=finish, written=int(statistics.median(written)), different=different)


def _edit(path: Path, number: int) -> None:
    """Put a paragraph at the head of a summary."""
    matter, text = path.read_text(encoding="utf-8").split("\n---\n", 1)
    path.write_text(f"{matter}\n---\n\nThis is edit number {number + 1}.\n{text}", encoding="utf-8")


def _different(one: Path, other: Path) -> tuple[str, ...]:
    names = {path.relative_to(root) for root in (one, other) for path in root.rglob("*") if path.is_file()}
    return tuple(sorted(str(name) for name in names if _bytes(one / name) != _bytes(other / name)))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
