"""Read examples of success: a file in any of the usual formats, a Minari data set, or arrays in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from probatum.control.environments.spaces import Spaces
from probatum.control.examples.array_files import read_npy_file, read_npz_file
from probatum.control.examples.csv_files import read_csv_file
from probatum.control.examples.hdf5_files import read_hdf5_file
from probatum.control.examples.minari_episodes import MINARI, read_minari
from probatum.control.examples.named_arrays import join_parts, pick_array
from probatum.control.examples.parquet_files import read_parquet_file
from probatum.control.examples.rows_of_numbers import Float32Array, rows_of_numbers
from probatum.errors import ProbatumError

FORMATS: dict[str, Callable[[Path, Spaces | None], Any]] = {
    ".npz": read_npz_file,
    ".npy": read_npy_file,
    ".csv": read_csv_file,
    ".tsv": read_csv_file,
    ".txt": read_csv_file,
    ".parquet": read_parquet_file,
    ".h5": read_hdf5_file,
    ".hdf5": read_hdf5_file,
}


def read_examples(source: Any, *, spaces: Spaces | None = None) -> Float32Array:
    """Return examples of success as finite float32 (count, observation).

    `source`, one of

    - a path: .npz (the array `observations`, else `examples`, else the only one), .npy, .csv, .tsv or .txt (with or
      without names in the first line), .parquet, .h5 or .hdf5 (names as in npz); a folder is a Minari data set;
    - `minari:NAME`, a Minari data set on this machine: the states whose info says success, or the last state of each
      episode where no info says anything;
    - a two-dimensional array, or a sequence of states (observation,) and blocks of states (n, observation);
    - a dict of arrays, or a sequence of dicts: dict observations, flattened in the environment's order.

    `spaces`: those of the environment that the examples are for, if their width is to be checked. A table that names
    all of the environment's columns may hold them in any order and others beside them.

    Nothing in a file is executed; pickled objects are refused. Raises `ProbatumError` naming the source, what was found
    in it and where, and what would be right; `MissingExtra` without the package for a format.
    """
    if isinstance(source, (str, Path)):
        where = str(source)
        values = _read(source, spaces)
    else:
        where = "the examples"
        values = _gathered(source, where, spaces)
    return rows_of_numbers(values, where=where, spaces=spaces)


def _read(source: str | Path, spaces: Spaces | None) -> Any:
    name = str(source)
    path = Path(source)
    if name.startswith(MINARI) or path.is_dir():
        return read_minari(name, spaces)
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        raise ProbatumError(f"{name}: examples are read from {', '.join(FORMATS)} and {MINARI}NAME")
    if not path.is_file():
        raise ProbatumError(f"{name}: there is no such file")
    return reader(path, spaces)


def _gathered(source: Any, where: str, spaces: Spaces | None) -> Any:
    if isinstance(source, Mapping):
        return pick_array(source, where=where, spaces=spaces)
    if not isinstance(source, Sequence) or not len(source):
        return source
    if all(isinstance(state, Mapping) for state in source):
        return _of_dicts(source, where, spaces)
    try:
        blocks = [np.asarray(block) for block in source]
    except ValueError as error:
        raise ProbatumError(f"{where}: a state holds rows of different lengths ({error})") from error
    if any(block.ndim not in (1, 2) for block in blocks):
        return source
    widths = [block.shape[-1] for block in blocks]
    if len(set(widths)) > 1:
        place = next(place for place, width in enumerate(widths) if width != widths[0])
        raise ProbatumError(f"{where}: item 0 has {widths[0]} columns and item {place} has {widths[place]}")
    return np.concatenate([np.atleast_2d(block) for block in blocks])


def _of_dicts(states: Sequence[Mapping[str, Any]], where: str, spaces: Spaces | None) -> Any:
    first = set(states[0])
    for place, state in enumerate(states):
        if set(state) != first:
            raise ProbatumError(f"{where}: item 0 has the parts {sorted(first)} and item {place} {sorted(state)}")
    return join_parts(_stacked(states, where), where=where, spaces=spaces)


def _stacked(states: Sequence[Mapping[str, Any]], where: str) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, part in states[0].items():
        inner = [state[name] for state in states]
        try:
            parts[name] = (
                _stacked(inner, where) if isinstance(part, Mapping) else np.stack([np.ravel(x) for x in inner])
            )
        except ValueError as error:
            raise ProbatumError(f"{where}: the part {name} has different lengths in different states") from error
    return parts
