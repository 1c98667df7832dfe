"""Options of an environment's maker, from the words `--env-with NAME=VALUE` of a command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from probatum.cli.method_options import read_value
from probatum.errors import ProbatumError


def environment_options(words: Iterable[str]) -> dict[str, Any]:
    """Return the options by name, values read as in YAML; `ProbatumError` for a word without `=` or a name twice."""
    pairs: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.strip() or name.strip() in pairs:
            raise ProbatumError(f"--env-with {word!r}: give each option once, as name=value, such as discrete=true")
        pairs[name.strip()] = read_value(text, f"--env-with {word!r}")
    return pairs
