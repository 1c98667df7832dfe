"""What an import did, could not do, and left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """Counts and lists of one import.

    `unplaced` is what stands in no file, `noted` what stands there in another form or place than expected;
    `written`, `unchanged`, `kept` are files, `left_over` those that only an earlier import wrote.
    """

    rows: int
    entries: int
    issues: int
    unissued: int
    resolved: int
    unresolved: tuple[str, ...] = ()
    split_opinions: int = 0
    unplaced: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    written: int = 0
    unchanged: int = 0
    kept: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The report for people, counts first."""
        yield f"rows: {self.rows:,}"
        yield f"entries: {self.entries:,} in {self.issues:,} issues, {self.unissued:,} of them in none"
        yield f"cross-references: {self.resolved:,} resolved, {len(self.unresolved):,} not"
        yield f"opinions split from the one before them: {self.split_opinions:,}"
        yield f"files: {self.written:,} written, {self.unchanged:,} unchanged, {len(self.kept):,} kept"
        yield from (f"no entry is called this: {line}" for line in self.unresolved)
        yield from (f"not placed: {line}" for line in self.unplaced)
        yield from (f"note: {line}" for line in self.noted)
        yield from (f"kept your edit: {name}" for name in self.kept)
        yield from (f"no longer in the sheet: {name}" for name in self.left_over)
