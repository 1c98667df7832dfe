"""Arrays from an npz file, without running anything that stands in it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.errors import ProbatumError


def read_npz(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """Return all arrays of the file by name, in the file's order.

    Raises `ProbatumError` for a file that is missing, truncated, no npz, or holds Python objects: those are pickles,
    which can run code when they are read, and are refused.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError as error:
        raise ProbatumError(f"{file}: there is no such file") from error
    except MemoryError as error:
        raise ProbatumError(f"{file}: an array in it says that it is larger than the memory") from error
    except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, SyntaxError) as error:
        raise ProbatumError(f"{file}: not an npz file of plain arrays, or truncated ({_first(error)})") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ProbatumError(f"{file}: not an npz file of plain arrays, or truncated ({_first(error)})") from error


def _first(error: Exception) -> str:
    lines = str(error).splitlines()
    if lines and "allow_pickle" in lines[0]:
        return "it holds Python objects, which are not read"
    return lines[0] if lines else type(error).__name__
