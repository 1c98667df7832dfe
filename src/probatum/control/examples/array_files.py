"""Examples in numpy's own files, npz and npy; nothing in them is executed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from probatum.control.environments.spaces import Spaces
from probatum.control.examples.named_arrays import pick_array
from probatum.datasets.npz_files import read_npz
from probatum.errors import ProbatumError

MOST_BYTES = 2**33  # a file that says that it unpacks to more than 8 GiB holds no examples


def read_npz_file(path: Path, spaces: Spaces | None) -> Any:
    """Return the array of examples of an npz file; `ProbatumError` where it is truncated, pickled or unclear."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        size = 0  # read_npz says in words what is wrong
    if size > MOST_BYTES:
        raise ProbatumError(f"{path}: says that it unpacks to {size / 2**30:.0f} GiB; examples are some hundred rows")
    return pick_array(read_npz(path), where=str(path), spaces=spaces)


def read_npy_file(path: Path, spaces: Spaces | None) -> Any:
    """Return the array of an npy file; `ProbatumError` where it is truncated or holds Python objects."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # mapped: a header that claims too much is refused
    except (ValueError, OSError, EOFError, TypeError, SyntaxError, OverflowError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "pickle" in reason or "Python objects" in reason:
            reason = "it holds Python objects, which are not read"
        raise ProbatumError(f"{path}: not an npy file of one plain array, or truncated ({reason})") from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise ProbatumError(f"{path}: an npz file by the name of an npy file; name it {path.with_suffix('.npz').name}")
    return np.array(array)
