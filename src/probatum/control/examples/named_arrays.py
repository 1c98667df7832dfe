"""Which of a file's arrays the examples are, where arrays or columns have names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.control.environments.spaces import Spaces
from probatum.errors import ProbatumError

KEYS = ("observations", "examples")  # in this order
NOTES = ("note",)  # what `write_examples` adds


def pick_array(arrays: Mapping[str, Any], *, where: str, spaces: Spaces | None) -> Any:
    """Return the array named `observations` or `examples`, else the only one, else the parts of a dict observation.

    A mapping under the chosen name is a dict observation too. Raises `ProbatumError` where nothing of that is there.
    """
    named = {name: value for name, value in arrays.items() if name not in NOTES}
    for key in KEYS:
        if key in named:
            return _joined(named[key], f"{where}[{key}]", spaces)
    if len(named) == 1:
        name, value = next(iter(named.items()))
        return _joined(value, f"{where}[{name}]", spaces)
    if spaces is not None and named and _parts(spaces).keys() <= _flat(named).keys():
        return _joined({name: _flat(named)[name] for name in _parts(spaces)}, where, spaces)
    found = ", ".join(map(repr, list(named)[:8])) or "nothing"
    raise ProbatumError(f"{where}: holds {found}; name the array of examples 'observations'")


def pick_columns(
    names: Sequence[str], rows: npt.NDArray[np.float64], *, spaces: Spaces | None
) -> npt.NDArray[np.float64]:
    """Return the columns of a table in the order of the environment, where its names are all there; else all."""
    if spaces is None or len(set(names)) != len(names) or not set(spaces.names) <= set(names):
        return rows
    places = {name: place for place, name in enumerate(names)}
    return rows[:, [places[name] for name in spaces.names]]


def join_parts(parts: Mapping[str, Any], *, where: str, spaces: Spaces | None) -> npt.NDArray[Any]:
    """Return the parts of dict observations as one array (count, observation).

    The order is that of the environment; without `spaces` it is that of the sorted names, which is Gymnasium's own
    for a plain dict.
    """
    flat = {name: np.asarray(part) for name, part in _flat(parts).items()}
    lengths = {name: (part.shape[0] if part.ndim else 0) for name, part in flat.items()}
    if not flat or len(set(lengths.values())) > 1:
        raise ProbatumError(f"{where}: parts of an observation with unequal numbers of states: {lengths}")
    count = next(iter(lengths.values()))
    order = list(_parts(spaces)) if spaces is not None else sorted(flat)
    if set(order) != set(flat):
        raise ProbatumError(
            f"{where}: an observation of the parts {', '.join(sorted(flat))}; the environment's are {', '.join(order)}"
        )
    if not count:
        raise ProbatumError(f"{where}: parts of an observation without any state")
    for name, width in _parts(spaces).items() if spaces is not None else ():
        found = flat[name].size // count
        if found != width:
            raise ProbatumError(f"{where}: the part {name} has {found} columns; the environment's has {width}")
    return np.concatenate([flat[name].reshape(count, -1) for name in order], axis=1)


def _joined(value: Any, where: str, spaces: Spaces | None) -> Any:
    return join_parts(value, where=where, spaces=spaces) if isinstance(value, Mapping) else value


def _flat(parts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, part in parts.items():
        if isinstance(part, Mapping):
            flat |= _flat(part, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = part
    return flat


def _parts(spaces: Spaces) -> dict[str, int]:
    """The parts of the environment's observations, in their order, and how many columns each has."""
    widths: dict[str, int] = {}
    for name in spaces.names:
        part = re.sub(r"\[[\d, ]*\]$", "", name)
        widths[part] = widths.get(part, 0) + 1
    return widths
