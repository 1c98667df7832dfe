"""Writes an import into a folder: a file that somebody has edited since the last import is left alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from probatum.errors import ProbatumError

RECORD = ".import.json"
"""Digests of what the importer wrote, by file: what differs from them has been edited."""


@dataclass
class Folder:
    """The folder that is written into, and what became of each file so far."""

    path: Path
    force: bool
    before: dict[str, str]
    digests: dict[str, str] = field(default_factory=dict)
    written: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)

    @staticmethod
    def at(path: Path, *, force: bool) -> Folder:
        """Make the folder if need be, and read the record of the last import."""
        for folder in (path, path / "entries", path / "issues"):
            folder.mkdir(parents=True, exist_ok=True)
        record = path / RECORD
        try:
            before = json.loads(record.read_bytes())["files"] if record.exists() else {}
            return Folder(path, force, {str(name): str(digest) for name, digest in before.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProbatumError(
                f"{record}: is no record of an import ({error}); delete it, and files that differ are kept"
            ) from error

    def put(self, name: str, text: str, *, forcible: bool = True) -> None:
        """Make the file `name` hold `text`, unless it holds what neither this nor the last import wrote."""
        data = text.encode()
        there = self._read(name)
        if there == data:
            self.unchanged += 1
        elif there is None or (self.force and forcible) or _digest(there) == self.before.get(name):
            self._write(name, data)
            self.written += 1
        else:
            self.kept.append(name)
            self.digests[name] = self.before.get(name, "")
            return
        self.digests[name] = _digest(data)

    def close(self) -> tuple[str, ...]:
        """Write the record, and name the files of earlier imports that this one has not made."""
        left = {name: digest for name, digest in self.before.items() if name not in self.digests}
        left = {name: digest for name, digest in left.items() if (self.path / name).exists()}
        record = json.dumps({"files": self.digests | left}, indent=0, sort_keys=True) + "\n"
        if self._read(RECORD) != record.encode():
            self._write(RECORD, record.encode())
        return tuple(sorted(left))

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, name: str, data: bytes) -> None:
        """Whole or not at all: half a file would look like an edit to the next import."""
        target = self.path / name
        beside = target.with_name(f".{target.name}.part")
        beside.write_bytes(data)
        beside.replace(target)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]
