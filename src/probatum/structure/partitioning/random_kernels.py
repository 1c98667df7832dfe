"""Compiled random numbers and permutations that are the same on every machine (splitmix64; Steele et al. 2014)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float32]
State = npt.NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)


@njit(cache=True, inline="always")
def _mixed(number: np.uint64) -> np.uint64:
    """Return 64 bits that look random, from a count."""
    number = (number ^ (number >> np.uint64(30))) * _FIRST
    number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))


@njit(cache=True, inline="always")
def bits(state: State) -> np.uint64:
    """Return the next 64 random bits; `state`: one number, shape (1,), moved on."""
    state[0] += _STEP
    return _mixed(state[0])


@njit(cache=True, inline="always")
def fraction(state: State) -> float:
    """Return a number from 0 to below 1, all 53 bits of it random."""
    return np.float64(bits(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, inline="always")
def _scaled(mixed: np.uint64, count: np.uint64) -> np.uint64:
    """Return a whole number below `count` (at most 2**32) from 64 random bits: the upper half of their product.

    No number is more likely than another by more than count / 2**64.
    """
    half = np.uint64(32)
    return ((mixed >> half) * count + (((mixed & _LOW) * count) >> half)) >> half


@njit(cache=True)
def permute(values: Floats, state: State) -> None:
    """Put values (n,) into a random order, in place (Fisher and Yates); places are drawn some hundred at a time."""
    drawn = np.empty(512, np.uint64)
    left = values.size
    while left > 1:
        many = min(drawn.size, left - 1)
        begin = state[0]
        for turn in range(many):
            drawn[turn] = _scaled(_mixed(begin + np.uint64(turn + 1) * _STEP), np.uint64(left - turn))
        state[0] = begin + np.uint64(many) * _STEP
        for turn in range(many):
            last, other = np.uint64(left - 1 - turn), drawn[turn]
            held = values[last]
            values[last] = values[other]
            values[other] = held
        left -= many


@njit(cache=True)
def choose(taken: npt.NDArray[np.uint8], count: int, state: State) -> None:
    """Mark `count` places of `taken` (n,), which is cleared first; each set of places is as likely."""
    taken[:] = 0
    done = 0
    while done < count:
        place = _scaled(bits(state), np.uint64(taken.size))
        if taken[place] == 0:
            taken[place] = 1
            done += 1


@njit(cache=True)
def add_uniform(values: Floats, limit: float, state: State) -> None:
    """Add to each of the values (n,) a number drawn from 0 to `limit`."""
    for place in range(values.size):
        values[place] += np.float32(limit * fraction(state))
