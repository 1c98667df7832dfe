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

from probatum.claims.trial import Trial, canonical
from probatum.errors import ProbatumError

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Ledger:
    """A folder of `EXPERIMENT.jsonl` files and their `artifacts/`.

    A record is one line, written with one call and synced. A process that is killed in that call leaves at most a
    half line at the end of one file: it is passed over in reading, and moved to `EXPERIMENT.jsonl.torn` before the
    next append. Reading heeds no order, so two branches of a repository can both append and be merged by union.
    """

    folder: Path

    def experiments(self) -> list[str]:
        """The experiments that have a file here."""
        return sorted(path.stem for path in self.folder.glob("*.jsonl"))

    def records(self, experiment: str) -> tuple[Record, ...]:
        """The whole records of one experiment, of all kinds, in the order of the file.

        Raises:
            ProbatumError: a line that is not the last one is no record. Nothing is passed over in silence: it may be
                a trial, or what was expected before measuring.
        """
        return _records(*_stamp(self._path(experiment)))

    def trials(self, experiment: str) -> tuple[Trial, ...]:
        """The trials of one experiment; of several with one key, the one that started last."""
        return _trials(*_stamp(self._path(experiment)))

    def append(self, experiment: str, record: Record) -> None:
        """Write one record and sync it to the disk; several processes may do so at the same time."""
        line = (canonical(record) + "\n").encode()
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._path(experiment)) as file:
            size = _repair(file, self._path(experiment))
            if (written := os.write(file, line)) < len(line):  # the disk is full
                os.ftruncate(file, size)
                raise OSError(f"{self._path(experiment)}: only {written} of {len(line)} bytes could be written")
            os.fsync(file)

    def add(self, trial: Trial, artifacts: Mapping[str, bytes] | None = None) -> None:
        """Keep a finished trial, its artifacts first, so that a recorded one always has its files."""
        for name, data in (artifacts or {}).items():
            self._keep(name, data)
        self.append(trial.experiment, trial.to_record())

    def artifact(self, name: str, digest: str) -> Path:
        """Where an artifact lies: under its SHA-256, with the ending of its name."""
        return self.folder / "artifacts" / f"{digest}{Path(name).suffix.lower()}"

    def _keep(self, name: str, data: bytes) -> None:
        path = self.artifact(name, sha256(data).hexdigest())
        if path.is_file():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def _path(self, experiment: str) -> Path:
        return self.folder / f"{experiment}.jsonl"


def _stamp(path: Path) -> tuple[Path, int, int]:
    """What tells two states of a file apart: when it was written and how long it is."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return path, 0, 0
    return path, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=256)
def _records(path: Path, changed: int, size: int) -> tuple[Record, ...]:
    lines = path.read_bytes()[:size].split(b"\n") if size else [b""]
    records = [_record(path, number, line) for number, line in enumerate(lines[:-1], 1) if line.strip()]
    return (*records, *_whole(lines[-1]))


@lru_cache(maxsize=256)
def _trials(path: Path, changed: int, size: int) -> tuple[Trial, ...]:
    latest: dict[str, tuple[tuple[str, bool, str], Trial]] = {}
    for record in _records(path, changed, size):
        if record["kind"] == "trial":
            try:
                trial = Trial.from_record(record)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise ProbatumError(f"{path}: trial {record.get('key')!r} cannot be read: {error!r}") from error
            rank = (trial.started, trial.carried_from is None, canonical(record))
            if trial.key not in latest or rank > latest[trial.key][0]:
                latest[trial.key] = (rank, trial)
    return tuple(latest[key][1] for key in sorted(latest))


def _record(path: Path, number: int, line: bytes) -> Record:
    for record in _whole(line):
        return record
    shown = line[:60].decode("utf-8", "replace")
    raise ProbatumError(
        f"{path}:{number}: {shown!r} is no record of the ledger; mend the line from version control, or move it to "
        f"{path.name}.torn (trials that it held will be measured again)"
    )


def _whole(line: bytes) -> list[Record]:
    """The record in a line, if it is a whole one."""
    try:
        record = json.loads(line)
    except ValueError:
        return []
    return [record] if isinstance(record, dict) and isinstance(record.get("kind"), str) else []


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open a ledger file for appending and hold it alone."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(file), os.stat(path)):
                yield file
                return
            # While we waited, a checkout put another file in its place: what we hold is no longer the ledger.
        finally:
            os.close(file)


def _repair(file: int, path: Path) -> int:
    """Make the file end with a whole line, and return its size: only what is no record is moved aside."""
    size = os.fstat(file).st_size
    if size == 0 or os.pread(file, 1, size - 1) == b"\n":
        return size
    start = os.pread(file, size, 0).rfind(b"\n") + 1
    tail = os.pread(file, size - start, start)
    if _whole(tail):
        os.write(file, b"\n")
        return size + 1
    with path.with_name(f"{path.name}.torn").open("ab") as torn:
        torn.write(tail + b"\n")
        torn.flush()
        os.fsync(torn.fileno())
    os.ftruncate(file, start)
    return start
