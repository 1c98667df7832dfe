"""Examples in an HDF5 file: a data set of rows, or a group of the parts of dict observations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from probatum.control.environments.spaces import Spaces
from probatum.control.examples.named_arrays import pick_array
from probatum.errors import MissingExtra, ProbatumError

MOST_VALUES = 2**30


def read_hdf5_file(path: Path, spaces: Spaces | None) -> Any:
    """Return the array of examples: the data set `observations`, else `examples`, else the only one.

    Links to other files are not followed. Raises `ProbatumError` for a truncated file, and where none of the data sets
    is clearly the examples.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra("control", "h5py") from error
    try:
        with h5py.File(path, "r") as file:
            return pick_array(_read(file, path), where=str(path), spaces=spaces)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise ProbatumError(f"{path}: not an HDF5 file, or truncated ({error})") from error


def _read(group: Any, path: Path) -> dict[str, Any]:
    import h5py

    arrays: dict[str, Any] = {}
    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise ProbatumError(f"{path}: {group.name}/{name} is a link; give a file that holds its own numbers")
        item = group[name]
        if isinstance(item, h5py.Group):
            arrays[name] = _read(item, path)
        elif isinstance(item, h5py.Dataset):
            arrays[name] = _numbers(item, path)
    return arrays


def _numbers(item: Any, path: Path) -> Any:
    if item.external or item.is_virtual:
        raise ProbatumError(f"{path}: {item.name} keeps its numbers in another file; give one that holds its own")
    if item.size is not None and item.size > MOST_VALUES:
        raise ProbatumError(f"{path}: {item.name} says that it holds {item.size} numbers; examples are some hundred")
    return item[()]
