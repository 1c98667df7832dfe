"""All that a run is made of, in one file that is either the old one or the new one, never half of it.

Arrays in npz, the rest as JSON beside them in the same file; nothing that could be executed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.datasets.npz_files import read_npz
from probatum.errors import ProbatumError

NAME, COMING, WORDS = "checkpoint.npz", ".checkpoint.npz.part", "words"
Arrays = Mapping[str, NDArray[Any]]


def write_checkpoint(folder: Path, *, arrays: Arrays, words: Mapping[str, Any]) -> None:
    """Write `arrays` and `words` (JSON) into the folder, in place of the checkpoint that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    said = np.frombuffer(json.dumps(words).encode(), np.uint8)
    coming = folder / COMING
    with coming.open("wb") as file:
        np.savez(file, allow_pickle=False, **{WORDS: said}, **arrays)
        file.flush()
        os.fsync(file.fileno())
    coming.replace(folder / NAME)


def read_checkpoint(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return arrays and words of the folder's checkpoint; `ProbatumError` where there is none that can be read."""
    path = folder / NAME
    if not path.is_file():
        raise ProbatumError(f"{folder}: no checkpoint to resume from; start without resume")
    try:
        arrays = read_npz(path)
        return arrays, json.loads(bytes(arrays.pop(WORDS)).decode())
    except (ProbatumError, ValueError, KeyError) as error:
        raise ProbatumError(
            f"{path}: not a checkpoint that can be read ({error}); start anew without resume"
        ) from error


def digest(arrays: Arrays) -> str:
    """Return a SHA-256 of names, shapes, types and bytes of the arrays."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()
