"""Which unit made each element of a value: the paint that is carried from weights to the weights that read them.

A value is painted by terms. A term names a unit for every element, in an array of the value's own shape; a sum of
two values has the terms of both. Whatever moves elements moves the names with them, so no operator needs a theory
of its own for what it does to channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.networks.tracing.step import Array, Rearrange

Numbers = npt.NDArray[np.int64]
Gains = npt.NDArray[np.float32]
NOBODY = -1  # an element that no unit made: padding, a constant, a score, a statistic


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    """One summand of a value: the unit that made each element, and by what it was multiplied since.

    `units`: the number of the unit or `NOBODY`, in the value's shape; `gain`: sizes of the factors in the same
    shape, None where all are 1. Both are often broadcast views, so a picture's channels cost one number each.
    """

    units: Numbers
    gain: Gains | None = None

    def reshaped(self, shape: Sequence[int]) -> Term:
        """Return the term in another shape of as many elements."""
        return Term(units=self.units.reshape(shape), gain=None if self.gain is None else self.gain.reshape(shape))

    def turned(self, axis: int) -> Term:
        """Return the term with `axis` moved to the end."""
        gain = None if self.gain is None else np.moveaxis(self.gain, axis, -1)
        return Term(units=np.moveaxis(self.units, axis, -1), gain=gain)


Painting = tuple[Term, ...]


def along_axis(first: int, shape: Sequence[int], axis: int) -> Term:
    """Return the term of a value of this shape whose positions on `axis` are the units `first`, `first` + 1, ..."""
    column = np.arange(first, first + shape[axis]).reshape(-1, *[1] * (len(shape) - axis % len(shape) - 1))
    return Term(units=np.broadcast_to(column, shape))


def elements(first: int, shape: Sequence[int]) -> Term:
    """Return the term of a value in which every element is a unit of its own, numbered from `first`."""
    return Term(units=np.arange(first, first + int(np.prod(shape))).reshape(shape))


def moved(rearrange: Rearrange, paintings: Sequence[Painting], shapes: Sequence[Sequence[int]]) -> list[Painting]:
    """Paint what comes out of a move of elements, each output by as many terms as its most painted input has.

    `shapes`: of the inputs, painted or not. Elements that the move adds of its own must come out as zeros.
    """
    sizes = [int(np.prod(shape)) for shape in shapes]
    starts = np.cumsum([1, *sizes]).tolist()  # position 0 is everything that is not moved but made
    asked = [elements(start, shape).units for start, shape in zip(starts, shapes, strict=False)]
    sources = [np.rint(np.asarray(found)).astype(np.int64) for found in rearrange(asked)]
    count = max(map(len, paintings), default=0)
    rows = [[painting[n] if n < len(painting) else None for painting in paintings] for n in range(count)]
    flat = [(_flat_units(row, sizes), _flat_gain(row, sizes)) for row in rows]
    return [_taken(flat, source) for source in sources]


def together(paintings: Iterable[Painting], shape: Sequence[int]) -> Painting:
    """Paint a sum or product: the terms of all, spread to `shape`; of terms with the same units only the first."""
    kept: list[Term] = []
    for term in (term for painting in paintings for term in painting):
        units = np.broadcast_to(term.units, shape)
        if not any(_same(units, other.units) for other in kept):
            gain = None if term.gain is None else np.broadcast_to(term.gain, shape)
            kept.append(Term(units=units, gain=gain))
    return tuple(kept)


def scaled(term: Term, factor: Gains) -> Term:
    """Multiply the gain of a term by the size of `factor`, which broadcasts against it."""
    size = np.abs(factor)
    gain = size if term.gain is None else term.gain * size
    return Term(units=term.units, gain=np.broadcast_to(gain, term.units.shape))


def collapsed(term: Term, axes: Sequence[int]) -> Term | None:
    """Return the term with `axes` shrunk to size 1 where one unit made all elements along them, else None.

    Elements that nobody made do not count; the gain is the mean of the others'.
    """
    units = compact(term.units)
    unit = units.max(axis=tuple(axes), keepdims=True)
    if ((units != unit) & (units != NOBODY)).any():
        return None
    shape = [1 if axis in axes else size for axis, size in enumerate(term.units.shape)]
    gain = None if term.gain is None else np.broadcast_to(mean_gain(term, axes), shape)
    return Term(units=np.broadcast_to(unit, shape), gain=gain)


def mean_gain(term: Term, axes: Sequence[int]) -> Gains:
    """Return the mean of a term's gains along `axes`, kept at size 1, over the elements that some unit made."""
    if term.gain is None:
        raise ValueError("this term has no gain; each of its elements counts as 1")
    gain, units = np.broadcast_arrays(compact(term.gain), compact(term.units))
    painted = units != NOBODY
    count = painted.sum(axis=tuple(axes), keepdims=True)
    total = np.where(painted, gain, 0).sum(axis=tuple(axes), keepdims=True, dtype=np.float64)
    return np.asarray(total / np.maximum(count, 1), np.float32)


def compact(array: Array) -> Array:
    """Return the array with every axis along which it was only broadcast cut to size 1, as a view."""
    return array[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in array.strides)]


def cut(term: Term, axes: Sequence[int]) -> Iterator[Term]:
    """Cut the term along `axes` into terms of size 1 there, one after the other."""
    shape = term.units.shape
    for places in np.ndindex(*[shape[axis] for axis in axes]):
        index = [slice(None)] * len(shape)
        for axis, place in zip(axes, places, strict=True):
            index[axis] = slice(place, place + 1)
        yield Term(units=term.units[*index], gain=None if term.gain is None else term.gain[*index])


def repeated(term: Term, times: int, *, axis: int) -> Term:
    """Return the term with every position of `axis` as often as `times` says, one behind the other."""
    if times == 1:
        return term
    gain = None if term.gain is None else np.repeat(term.gain, times, axis)
    return Term(units=np.repeat(term.units, times, axis), gain=gain)


def spread(term: Term, shape: Sequence[int]) -> Term:
    """Broadcast a term to `shape`."""
    gain = None if term.gain is None else np.broadcast_to(term.gain, shape)
    return Term(units=np.broadcast_to(term.units, shape), gain=gain)


def _same(first: Array, second: Array) -> bool:
    """Compare arrays of one shape; broadcast views are compared without being written out."""
    small, other = compact(first), compact(second)
    if small.shape == other.shape:
        return bool((small == other).all())
    return bool((first == second).all())


def _flat_units(row: Sequence[Term | None], sizes: Sequence[int]) -> Numbers:
    nobody = (np.full(1, NOBODY),)
    parts = [
        np.full(size, NOBODY) if term is None else term.units.ravel() for term, size in zip(row, sizes, strict=True)
    ]
    return np.concatenate([*nobody, *parts])


def _flat_gain(row: Sequence[Term | None], sizes: Sequence[int]) -> Gains | None:
    gains = [None if term is None else term.gain for term in row]
    if all(gain is None for gain in gains):
        return None
    parts = [np.ones(size) if gain is None else gain.ravel() for gain, size in zip(gains, sizes, strict=True)]
    return np.concatenate([np.ones(1), *parts]).astype(np.float32)


def _taken(flat: Sequence[tuple[Numbers, Gains | None]], source: Numbers) -> Painting:
    """Look up where each element comes from; a term of which nothing is left falls away."""
    terms = (Term(units=units[source], gain=None if gain is None else gain[source]) for units, gain in flat)
    return tuple(term for term in terms if (term.units != NOBODY).any())
