"""What a network is run on: arrays from a file that numpy wrote, for the method's parameters of the same names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from probatum.cli.method_options import PICTURES, parameters
from probatum.errors import ProbatumError

ONLY = ""
"""The name of an array that stands in its file alone: it holds the pictures, whatever it is called."""


def read_picture_file(path: Path) -> dict[str, Any]:
    """Read the arrays of a `.npz` or `.npy` file by name; nothing that would run code is read.

    Raises `ProbatumError` for a file that is missing, damaged or no such file.
    """
    import numpy as np

    try:
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            arrays = {ONLY: loaded} if isinstance(loaded, np.ndarray) else dict(loaded.items())
    except FileNotFoundError:
        raise ProbatumError(f"--images {path}: there is no such file") from None
    except Exception as error:  # a zip file may be broken in many ways (zipfile, zlib, struct)
        raise ProbatumError(
            f"--images {path}: no arrays could be read ({error}); give a .npz file written by numpy.savez"
        ) from error
    if not arrays:
        raise ProbatumError(f"--images {path}: there are no arrays in it")
    return {ONLY: next(iter(arrays.values()))} if len(arrays) == 1 else arrays


def name_in_file(path: Path, parameter: str) -> str | None:
    """Return the name under which the array for `parameter` stands in the file, None where it has none."""
    import numpy as np

    with path.open("rb") as stream:
        loaded = np.load(stream, allow_pickle=False)
        names = () if isinstance(loaded, np.ndarray) else tuple(loaded.files)
    if len(names) < 2 or parameter in names:
        return parameter if parameter in names else next(iter(names), None)
    return next((name for name in PICTURES if name in names), names[0])


def pictures_of(arrays: Mapping[str, Any], path: Path) -> Any:
    """Return the array of pictures itself; `ProbatumError` where none has their name."""
    for name in (ONLY, *PICTURES):
        if name in arrays:
            return arrays[name]
    raise ProbatumError(f"--images {path}: it holds {', '.join(arrays)}; name the pictures {' or '.join(PICTURES)}")


def arguments_of(method: Callable[..., Any], arrays: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the arrays as keyword arguments of the method; `ProbatumError` for one that it does not take."""
    takes = parameters(method)
    given = dict(arrays)
    wanted = next((name for name in PICTURES if name in takes), None)
    if wanted is None:
        raise ProbatumError(f"--images {path}: {method.__name__} looks at weights alone; leave the pictures out")
    if wanted not in given:
        given[wanted] = pictures_of(arrays, path)
    for name in (ONLY, *PICTURES):
        if name != wanted:
            given.pop(name, None)
    if stray := sorted(given.keys() - takes.keys()):
        known = ", ".join(name for name in takes if name != "model")
        raise ProbatumError(f"--images {path}: {method.__name__} takes no {', '.join(stray)}; it takes {known}")
    return given
