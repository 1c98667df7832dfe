"""Reads a budget of time as people write it: `90s`, `2m`, `1h30m`."""

from __future__ import annotations

import re

from probatum.errors import ProbatumError

_PARTS = re.compile(r"(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?", re.ASCII)


def seconds(text: str) -> float:
    """Read hours, minutes and seconds, in this order; a number by itself is seconds.

    >>> seconds("2m"), seconds("1h30m"), seconds("90s"), seconds("0.5")
    (120.0, 5400.0, 90.0, 0.5)

    Raises:
        ProbatumError: it is no such time.
    """
    found = _PARTS.fullmatch(text.strip().lower())
    if not found or not any(found.groups()):
        raise ProbatumError(f"{text!r} is no time; write it like 90s, 2m or 1h30m")
    hours, minutes, rest = (float(found[unit] or 0) for unit in "hms")
    return hours * 3600 + minutes * 60 + rest
