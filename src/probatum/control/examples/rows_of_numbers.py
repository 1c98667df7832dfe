"""Examples as rows of finite numbers: what they must be, and in words what is wrong where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.control.environments.spaces import Spaces
from probatum.errors import ProbatumError

Float32Array = npt.NDArray[np.float32]

SHAPE = "give one row a state: (count, observation)"


def rows_of_numbers(values: Any, *, where: str, spaces: Spaces | None = None) -> Float32Array:
    """Return `values` as finite float32 (count, observation).

    `where` names the source in messages. Raises `ProbatumError` for text, Python objects, complex numbers, NaN and
    infinite values (with row and column), no rows, another number of dimensions, and another number of columns than
    `spaces` has.
    """
    array = _array(values, where)
    if array.dtype.kind not in "buif":
        raise ProbatumError(f"{where}: holds {_kind(array)}, and examples are numbers; {SHAPE}")
    if array.ndim != 2:
        raise ProbatumError(f"{where}: an array of shape {array.shape}; {SHAPE}{_hint(array.shape, spaces)}")
    if 0 in array.shape:
        raise ProbatumError(f"{where}: an empty array, shape {array.shape}; {SHAPE}, with at least one")
    if spaces is not None and array.shape[1] != spaces.observation:
        raise ProbatumError(
            f"{where}: examples of {array.shape[1]} columns, but an observation of the environment has "
            f"{spaces.observation} ({_ends(spaces.names)}); give whole observations"
        )
    _refuse_not_finite(array, where, spaces)
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(array, np.float32)
    _refuse_not_finite(rows, where, spaces, array)
    return rows


def _array(values: Any, where: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except (ValueError, TypeError, OverflowError) as error:
        raise ProbatumError(f"{where}: rows of different lengths or of no numbers ({error}); {SHAPE}") from error


def _kind(array: npt.NDArray[Any]) -> str:
    kinds = {
        "U": "text",
        "S": "text",
        "T": "text",
        "O": "Python objects",
        "c": "complex numbers",
        "V": f"records ({', '.join(array.dtype.names or ['raw bytes'])})",
        "M": "dates",
        "m": "time spans",
    }
    first = f", first {array.reshape(-1)[0]!r}" if array.dtype.kind in "UST" and array.size else ""
    return kinds.get(array.dtype.kind, str(array.dtype)) + first


def _hint(shape: tuple[int, ...], spaces: Spaces | None) -> str:
    if len(shape) == 1 and (spaces is None or shape[0] == spaces.observation):
        return f". One state is of shape (1, {shape[0]})"
    if len(shape) > 2 and spaces is not None and int(np.prod(shape[1:])) == spaces.observation:
        return f". Flatten each state: reshape to ({shape[0]}, {spaces.observation})"
    if len(shape) > 2 and spaces is not None and shape[-1] == spaces.observation:
        return f". Put all states below each other: reshape to ({int(np.prod(shape[:-1]))}, {shape[-1]})"
    return ""


def _ends(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _refuse_not_finite(
    array: npt.NDArray[Any], where: str, spaces: Spaces | None, before: npt.NDArray[Any] | None = None
) -> None:
    if array.dtype.kind != "f":
        return
    wrong = np.argwhere(~np.isfinite(array))
    if not len(wrong):
        return
    row, column = (int(place) for place in wrong[0])
    name = f" ({spaces.names[column]})" if spaces is not None and spaces.names[column] != f"column {column}" else ""
    value = array[row, column] if before is None else before[row, column]
    rest = f", and {len(wrong) - 1} more such values" if len(wrong) > 1 else ""
    reason = "" if before is None else ", too large for 32-bit numbers"
    raise ProbatumError(
        f"{where}: row {row}, column {column}{name} is {value}{reason}{rest} (counted from 0); give finite numbers"
    )
