"""Which tensors of a state dict belong together: a weight, its bias, and the batch norm that follows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.errors import ProbatumError
from probatum.networks.layered_graph import Floats

Arrays = Mapping[str, npt.NDArray[Any]]

NORMS = {  # frameworks' names for (gain, shift, mean, variance) of a batch norm, and their usual epsilon
    "torch": ("weight", "bias", "running_mean", "running_var", 1e-5),
    "keras": ("gamma", "beta", "moving_mean", "moving_variance", 1e-3),
}
COUNTERS = ("num_batches_tracked",)
GAINS = ("weight", "gamma", "scale")


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightGroup:
    """A weight tensor with what its chain says about it; `norms`: name to (gain, variance, epsilon)."""

    name: str
    tensor: str
    weight: npt.NDArray[Any]
    norms: Mapping[str, tuple[npt.NDArray[Any], npt.NDArray[Any], float]]
    notes: tuple[str, ...]

    def gain(self, *, units: int, place: str) -> Floats | None:
        """Return the factor of each unit's weights, shape (units,), None without batch norm."""
        if not self.norms:
            return None
        product = np.ones(units, np.float32)
        for name, (gain, variance, epsilon) in self.norms.items():
            for part in (gain, variance):
                if part.shape != (units,):
                    raise ProbatumError(
                        f"{place}: batch norm {name!r} has {part.size} gains or variances, but {self.tensor!r} before "
                        f"it has {units} units"
                    )
            if (variance < 0).any():
                raise ProbatumError(f"{place}: batch norm {name!r} has a negative variance")
            product = product * (gain / np.sqrt(variance + epsilon)).astype(np.float32)
        return product


def weight_groups(arrays: Arrays, *, place: str) -> list[WeightGroup]:
    """Sort the tensors into groups, in the order of their weights.

    Raises `ProbatumError` for what belongs to no group: a batch norm before any weight, gains without variances.
    """
    found: list[tuple[str, dict[str, tuple[Any, Any, float]], list[str]]] = []
    early: list[str] = []
    norms = _norms(arrays)
    of_norms = {key for members, *_ in norms.values() for key in members}
    for key, value in arrays.items():
        if value.ndim >= 2:
            found.append((key, {}, []))
        elif key in of_norms:
            if not found:
                raise ProbatumError(
                    f"{place}: batch norm {key!r} stands before any weight tensor; give the tensors in the order of "
                    "computing"
                )
            _add_norm(key, norms, found[-1])
        elif key.rpartition(".")[2] not in COUNTERS:
            (found[-1][2] if found else early).append(_left_out(key, value, place))
    if found:
        found[0][2][:0] = early
    return [_group(key, arrays[key], folded, notes) for key, folded, notes in found]


def _group(key: str, weight: npt.NDArray[Any], norms: Any, notes: list[str]) -> WeightGroup:
    name, dot, kind = key.rpartition(".")
    plain = name if dot and kind in ("weight", "kernel") else key
    said = notes + [f"batch norm {norm!r} is folded into {key!r}" for norm in norms]
    return WeightGroup(name=plain, tensor=key, weight=weight, norms=norms, notes=tuple(said))


def _norms(arrays: Arrays) -> dict[str, tuple[tuple[str, ...], Any, Any, float]]:
    """All batch norms: prefix to (keys, gain, variance, epsilon)."""
    found: dict[str, tuple[tuple[str, ...], Any, Any, float]] = {}
    for gain, shift, mean, variance, epsilon in NORMS.values():
        for key in arrays:
            prefix, dot, last = key.rpartition(".")
            if last == variance and arrays[key].ndim == 1:
                members = tuple(prefix + dot + part for part in (gain, shift, mean, variance))
                present = tuple(member for member in members if member in arrays)
                gains = arrays.get(members[0], np.ones_like(arrays[key]))
                found[prefix] = (present, gains, arrays[key], epsilon)
    return found


def _add_norm(key: str, norms: Any, group: tuple[str, dict[str, Any], list[str]]) -> None:
    prefix = key.rpartition(".")[0]
    members, gain, variance, epsilon = norms[prefix]
    if key == members[0]:
        group[1][prefix] = (gain, variance, epsilon)


def _left_out(key: str, value: npt.NDArray[Any], place: str) -> str:
    if value.ndim == 1 and key.rpartition(".")[2] in GAINS:
        raise ProbatumError(
            f"{place}: {key!r} of shape {value.shape} looks like the gains of a norm or the slopes of an activation "
            "function, and a file of arrays does not say which: give the model itself (an ONNX file or "
            "package.module:function), or leave the tensor out"
        )
    return f"{key!r} {value.shape} is left out: a bias is no edge"
