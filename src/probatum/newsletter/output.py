"""The output folder: nothing is written until every format has succeeded, and then only what changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from probatum.errors import ProbatumError

MANIFEST = ".probatum-files"
"""Names of the files of the last build, so that the next one removes what is no longer made, and only that."""


@dataclass(frozen=True)
class Output:
    """Collects the files of a build; keep one alive between builds and unchanged files cost nothing."""

    folder: Path
    _files: dict[str, bytes] = field(default_factory=dict)
    _inputs: dict[str, Hashable] = field(default_factory=dict)
    _places: dict[str, Path] = field(default_factory=dict)

    def add(self, path: str, data: bytes | str) -> Path:
        """Make `path` (relative, `/` between folders) hold `data`."""
        self._files[path] = data.encode() if isinstance(data, str) else data
        return self._place(path)

    def derive(self, path: str, inputs: Hashable, make: Callable[[], bytes | str]) -> Path:
        """Make `path` hold what `make` returns, unless it was already made here from equal `inputs`."""
        if path not in self._inputs or self._inputs[path] != inputs:
            self.add(path, make())
            self._inputs[path] = inputs
        return self._place(path)

    def abandon(self) -> None:
        """Drop what was collected since the last commit, after a build that failed."""
        for path in self._files:
            self._inputs.pop(path, None)
        self._files.clear()

    def commit(self, wanted: Iterable[Path]) -> list[Path]:
        """Write what changed, remove what is no longer `wanted`, and return the paths written."""
        self._refuse_foreign_folder()
        start = len(os.path.join(self.folder, ""))
        names = {os.fspath(path)[start:].replace(os.sep, "/") for path in wanted}
        for name in self._previous() - names:
            (self.folder / name).unlink(missing_ok=True)
            self._inputs.pop(name, None)
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(os.path.join(self.folder, MANIFEST), "".join(f"{name}\n" for name in sorted(names)).encode())
        written = [path for path, data in self._files.items() if _write(os.path.join(self.folder, path), data)]
        self._files.clear()
        return [self._place(path) for path in written]

    def _place(self, path: str) -> Path:
        """The file of that name; thousands are asked for after each edit, so they are kept."""
        place = self._places.get(path)
        if place is None:
            place = self._places[path] = self.folder / path
        return place

    def _previous(self) -> set[str]:
        manifest = self.folder / MANIFEST
        if not manifest.is_file():
            return set()
        return {name for name in manifest.read_text().splitlines() if _inside(name)}

    def _refuse_foreign_folder(self) -> None:
        if self.folder.is_dir() and any(self.folder.iterdir()) and not (self.folder / MANIFEST).is_file():
            raise ProbatumError(
                f"{self.folder} holds files that no build of ours made: give an empty or new folder with --out"
            )


def _inside(name: str) -> bool:
    return bool(name) and not name.startswith("/") and ".." not in name.split("/")


def _write(target: str, data: bytes) -> bool:
    """Make a file hold `data`, and say whether it did not already."""
    # Bare system calls: there are thousands of files, and Path objects and buffers cost more than the writing.
    try:
        file = os.open(target, _NEW, 0o666)
    except FileExistsError:
        return _overwrite(Path(target), data)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target))
        file = os.open(target, _NEW, 0o666)
    with open(file, "wb", buffering=0) as stream:
        stream.write(data)
    return True


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def _overwrite(target: Path, data: bytes) -> bool:
    if target.stat().st_size == len(data) and target.read_bytes() == data:
        return False
    target.write_bytes(data)
    return True
