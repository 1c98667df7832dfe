"""The info of a vector environment, told apart by lane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, final, overload

import numpy as np
import numpy.typing as npt

from probatum.control.environments.stepped import SUCCESS_KEYS, BoolArray, Float32Array, success_of


@final
class LaneInfos(Sequence[Mapping[str, Any]]):
    """V mappings, each put together when it is asked for.

    `infos`: what a vector environment returned: arrays with an entry a lane, and for a key `k` the mask `_k` of the
    lanes that said it. `ended`, (V,): lanes whose info of the last step lies under "final_info".
    """

    def __init__(self, infos: Mapping[str, Any], ended: BoolArray) -> None:
        self._infos = infos
        self._ended = ended

    def __len__(self) -> int:
        return len(self._ended)

    @overload
    def __getitem__(self, lane: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, lane: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, lane: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        if isinstance(lane, slice):
            return [self[place] for place in range(*lane.indices(len(self)))]
        if not -len(self) <= lane < len(self):
            raise IndexError(f"lane {lane} of {len(self)}")
        place = lane % len(self)
        final = self._infos.get("final_info")
        source = final if self._ended[place] and isinstance(final, Mapping) else self._infos
        return _of_lane(source, place, len(self))

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (self[lane] for lane in range(len(self)))

    def success(self) -> Float32Array:
        """Return what each lane says of its success, (V,): 1, 0, or NaN for nothing."""
        found = _successes(self._infos, len(self))
        final = self._infos.get("final_info")
        if isinstance(final, Mapping) and self._ended.any():
            found[self._ended] = _successes(final, len(self))[self._ended]
        return found


def _successes(infos: Mapping[str, Any], count: int) -> Float32Array:
    found = np.full(count, np.nan, np.float32)
    for key in SUCCESS_KEYS:
        if key in infos:
            for lane in np.flatnonzero(_mask(infos, key, count)):
                found[lane] = success_of({key: infos[key][lane]})
            break
    return found


def _of_lane(infos: Mapping[str, Any], lane: int, count: int) -> dict[str, Any]:
    told = {}
    for key, column in infos.items():
        if (key.startswith("_") and key[1:] in infos) or not _mask(infos, key, count)[lane]:
            continue
        if isinstance(column, Mapping):
            told[key] = _of_lane(column, lane, count)
        else:
            told[key] = column[lane] if isinstance(column, (np.ndarray, list, tuple)) else column
    return told


def _mask(infos: Mapping[str, Any], key: str, count: int) -> npt.NDArray[np.bool_]:
    return np.asarray(infos.get(f"_{key}", np.ones(count, np.bool_)), np.bool_)
