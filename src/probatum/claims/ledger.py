"""The ledger: every trial and every verdict in append-only text, one file for each experiment."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from probatum.claims.trial import Trial
from probatum.errors import ProbatumError

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Ledger:
    """A folder of `EXPERIMENT.jsonl` files and their `artifacts/`.

    A record is written as one whole line with one call, and synced. A process that is killed in that call leaves at
    most a half line at the end of one file: it is passed over when read, and moved to `EXPERIMENT.jsonl.torn` before the
    next append. Reading asks for no order, so that two branches of a repository can both append and be merged by union.
    """

    folder: Path

    def records(self, experiment: str) -> tuple[Record, ...]:
        """The whole records of one experiment.

        Raises:
            ProbatumError: a line that is not the last is no record.
        """
        path = self._path(experiment)
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return ()
        return _read(path, status.st_mtime_ns, status.st_size)

    def trials(self, experiment: str) -> Iterator[Trial]:
        """The trials of one experiment."""
        for record in self.records(experiment):
            if record["kind"] == "trial":
                yield Trial.from_record(record)

    def experiments(self) -> list[str]:
        """The experiments that have a file here."""
        return sorted(path.stem for path in self.folder.glob("*.jsonl"))

    def append(self, experiment: str, record: Record) -> None:
        """Write one record and sync it to the disk."""
        line = json.dumps(record, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
        path = self._path(experiment)
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(path) as file:
            _repair(file, path)
            os.write(file, line.encode())
            os.fsync(file)

    def keep(self, name: str, data: bytes) -> str:
        """Store an artifact under its SHA-256 (with the name's ending) and return that."""
        digest = sha256(data).hexdigest()
        path = self.artifact(name, digest)
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            part.write_bytes(data)
            part.replace(path)
        return digest

    def artifact(self, name: str, digest: str) -> Path:
        """Where an artifact lies."""
        return self.folder / "artifacts" / f"{digest}{Path(name).suffix}"

    def _path(self, experiment: str) -> Path:
        return self.folder / f"{experiment}.jsonl"


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int, size: int) -> tuple[Record, ...]:
    """Every whole line of a file; cached as long as the file is as it was."""
    data = path.read_bytes()[:size]
    whole = data[: data.rfind(b"\n") + 1]
    return tuple(_record(path, number, line) for number, line in enumerate(whole.splitlines(), 1) if line.strip())


def _record(path: Path, number: int, line: bytes) -> Record:
    try:
        record: Record = json.loads(line)
        if not isinstance(record.get("kind"), str):
            raise TypeError("no kind")
    except (ValueError, TypeError, AttributeError) as error:
        shown = line[:60].decode("utf-8", "replace")
        raise ProbatumError(
            f"{path}:{number}: {shown!r} is no record of the ledger; restore the line from version control, or delete it"
        ) from error
    return record


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _repair(file: int, path: Path) -> None:
    """Move a half line at the end of the file aside, or end a whole one that lacks its line end."""
    size = os.fstat(file).st_size
    if size == 0 or os.pread(file, 1, size - 1) == b"\n":
        return
    data = os.pread(file, size, 0)
    start = data.rfind(b"\n") + 1
    with path.with_name(f"{path.name}.torn").open("ab") as torn:
        torn.write(data[start:] + b"\n")
        torn.flush()
        os.fsync(torn.fileno())
    os.ftruncate(file, start)
