"""The edges that one use of a weight tensor makes, as blocks between layers.

Filan et al. 2021, "Clusterability in Neural Networks", section 2: an edge is as heavy as the size of a weight, of a
kernel's slice its norm. Whatever scales a unit is multiplied in before sizes are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import sparse

from probatum.networks.layered_graph import Block, Floats
from probatum.networks.tracing.painting import NOBODY, Gains, Numbers, Term
from probatum.networks.tracing.reading import Reading
from probatum.networks.tracing.unit_numbers import Owners

KernelNorm = Literal["l1", "l2"]
MOST_DENSE_GROUPS = 8  # a convolution in more groups is kept sparse, one in fewer as a dense block for each


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Input features that the same layers make, summand by summand, with the targets that read them.

    `features`: positions among the input channels; `targets`: range of units of the reading layer.
    """

    features: Numbers
    targets: tuple[int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Edges:
    """Makes blocks of readings; weights that are one tensor in the model share names, and arrays where they can."""

    owners: Owners
    norm: KernelNorm
    _names: dict[tuple[object, ...], str] = field(default_factory=dict)
    _arrays: dict[tuple[object, ...], Floats | sparse.csr_array] = field(default_factory=dict)

    def blocks(self, reading: Reading, fold: Gains | None) -> Iterator[Block]:
        """Give the blocks of a reading. `fold`: what the units of the layer are scaled by at once, or None."""
        strengths = _strengths(reading, self.norm)
        if fold is not None:
            strengths = strengths * np.abs(fold)[:, None]
        for part in _parts(reading, self.owners):
            for row in reading.rows:
                if row.units[part.features[0]] != NOBODY:
                    yield self._block(reading, part, row, strengths, fold)

    def _block(self, reading: Reading, part: Part, row: Term, strengths: Floats, fold: Gains | None) -> Block:
        units = row.units[part.features]
        source = self.owners.names[int(self.owners.layer(units[:1])[0])]
        places, inverse = np.unique(self.owners.place(units), return_inverse=True)
        gain = None if row.gain is None else row.gain[part.features]
        tied = self._tied(reading, part, inverse)
        key = (tied, _bytes(gain), _bytes(fold), _bytes(np.diff(places)))
        if key not in self._arrays:
            self._arrays[key] = self._weights(reading, part, strengths, places, inverse, gain)
        weight = reading.step.constants["weight"]
        kernel = int(np.prod(weight.shape[2:], dtype=int))
        return Block(
            source=source,
            target=reading.layer,
            weights=self._arrays[key],
            tied=tied,
            source_start=int(places[0]),
            target_start=part.targets[0],
            slot=int(part.features[0]),
            area=kernel * max(1, len(units) // len(places)),
            fan_in=weight.shape[1] * kernel,
            fan_out=weight.shape[0] * kernel,
        )

    def _tied(self, reading: Reading, part: Part, inverse: Numbers) -> str:
        """Name the weights of a block, alike for every copy of them.

        Copies have the same part of the tensor and add up the same of its features: only then can a shuffle of one
        be done to the other.
        """
        key = (
            reading.tensor,
            reading.step.operation == "embedding",
            part.targets,
            _bytes(part.features),
            _bytes(inverse),
        )
        if key not in self._names:
            name = _name_of_part(reading, part)
            used = sum(other == name or other.startswith(f"{name} (") for other in self._names.values())
            self._names[key] = f"{name} ({used + 1})" if used else name
        return self._names[key]

    def _weights(
        self, reading: Reading, part: Part, strengths: Floats, places: Numbers, inverse: Numbers, gain: Gains | None
    ) -> Floats | sparse.csr_array:
        """Return the edges of a part, shape (span of source units, targets)."""
        if _is_sparse(reading):
            return _grouped(strengths, _groups(reading), part.features, places[inverse] - places[0], gain, self.norm)
        first = part.features[0] // strengths.shape[1] * strengths.shape[1]
        chosen = _chosen_columns(strengths[slice(*part.targets)], part.features - first)
        edges = _merged(chosen.T if gain is None else chosen.T * gain[:, None], inverse, self.norm)
        if len(places) == places[-1] - places[0] + 1:
            return np.ascontiguousarray(edges, np.float32)
        return _scattered(edges, places - places[0])


def _groups(reading: Reading) -> int:
    return int(reading.step.attributes.get("groups", 1))


def _is_sparse(reading: Reading) -> bool:
    """Say whether most pairs of units have no weight: in many groups, or in groups of one (a depthwise convolution)."""
    groups = _groups(reading)
    return groups > MOST_DENSE_GROUPS or (groups > 1 and reading.step.constants["weight"].shape[1] == 1)


def _strengths(reading: Reading, norm: KernelNorm) -> Floats:
    """Return the norm of each kernel slice, shape (units, inputs of a group), finite only if the weights are."""
    weight = np.asarray(reading.step.constants["weight"], np.float32)
    if reading.step.operation == "embedding":
        weight = weight.T
    flat = np.abs(weight.reshape(*weight.shape[:2], -1))
    if flat.shape[2] == 1:
        return flat[:, :, 0]
    size = flat.sum(axis=2) if norm == "l1" else np.sqrt(np.einsum("oik,oik->oi", flat, flat))
    return np.asarray(size, np.float32)


def _parts(reading: Reading, owners: Owners) -> list[Part]:
    """Split the input features so that within a part every row has one layer, and the weights one group."""
    groups = _groups(reading)
    targets, features = _sizes(reading)
    split = 1 if _is_sparse(reading) else groups
    group = np.arange(features) // (features // split)
    makers = [owners.layer(row.units) for row in reading.rows]
    labels = np.stack([*makers, group])
    _, first, label = np.unique(labels, axis=1, return_index=True, return_inverse=True)
    width = targets // split
    parts = []
    for number in np.argsort(first).tolist():
        members = np.flatnonzero(label == number)
        start = int(group[members[0]]) * width
        parts.append(Part(features=members, targets=(start, start + width)))
    return parts


def _sizes(reading: Reading) -> tuple[int, int]:
    """Number of units and of input features."""
    shape = reading.step.constants["weight"].shape
    if reading.step.operation == "embedding":
        return shape[1], shape[0]
    return shape[0], shape[1] * _groups(reading)


def _name_of_part(reading: Reading, part: Part) -> str:
    """Write the part as a slice of its tensor: all of `fc.weight`, or `fc.weight[0:10, 4:8]`."""
    targets, features = _sizes(reading)
    if len(part.features) == features and part.targets == (0, targets):
        return reading.tensor
    first, end = int(part.features[0]), int(part.features[-1]) + 1
    some = "" if end - first == len(part.features) else f", {len(part.features)} of them"
    return f"{reading.tensor}[{part.targets[0]}:{part.targets[1]}, {first}:{end}{some}]"


def _chosen_columns(strengths: Floats, columns: Numbers) -> Floats:
    """Take columns, as a view where they follow one another."""
    if len(columns) == columns[-1] - columns[0] + 1:
        return strengths[:, columns[0] : columns[-1] + 1]
    return strengths[:, columns]


def _merged(edges: Floats, inverse: Numbers, norm: KernelNorm) -> Floats:
    """Merge the rows of features that one unit makes (a flattened picture) by the kernel's norm."""
    units = int(inverse.max()) + 1
    if units == len(inverse) and (np.diff(inverse) > 0).all():
        return edges
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(units))
    if norm == "l1":
        return np.add.reduceat(edges[order], starts, axis=0)
    return np.sqrt(np.add.reduceat(np.square(edges[order]), starts, axis=0))


def _scattered(edges: Floats, rows: Numbers) -> sparse.csr_array:
    """Store the rows of units that do not follow one another; what lies between them has no weights."""
    counts = np.zeros(rows[-1] + 2, np.int64)
    counts[rows + 1] = edges.shape[1]
    columns = np.tile(np.arange(edges.shape[1]), len(rows))
    return sparse.csr_array((edges.ravel(), columns, np.cumsum(counts)), shape=(rows[-1] + 1, edges.shape[1]))


def _grouped(
    strengths: Floats, groups: int, features: Numbers, rows: Numbers, gain: Gains | None, norm: KernelNorm
) -> sparse.csr_array:
    """Store the edges of a convolution in many groups: each unit has weights to its own group's targets only."""
    targets, inputs = strengths.shape
    width = targets // groups
    columns = (features // inputs * width)[:, None] + np.arange(width)
    values = strengths[columns, (features % inputs)[:, None]] * (1 if gain is None else gain[:, None])
    if norm == "l2":
        values = np.square(values)
    places = (np.repeat(rows, width), columns.ravel())
    shape = (int(rows.max()) + 1, targets)
    edges: sparse.csr_array = sparse.coo_array((values.ravel().astype(np.float32), places), shape=shape).tocsr()
    if norm == "l2":
        edges.data = np.sqrt(edges.data)
    return edges


def _bytes(array: np.ndarray | None) -> bytes | None:
    return None if array is None else np.ascontiguousarray(array).tobytes()
