"""Which methods measure a network? Those whose file holds a function of its name from graph to result."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from probatum.cli.method_files import first_lines, import_method
from probatum.result import Result

ROOM = "probatum.structure"
SUBJECT = "LayeredGraph"


def method_lines() -> dict[str, str]:
    """Return what each method's docstring says first, by the method's name; nothing is imported."""
    return first_lines(ROOM, subject=SUBJECT)


def find_method(name: str) -> Callable[..., Result]:
    """Import the method of that name, written with `-` or `_`; `ProbatumError` lists what there is."""
    return import_method(name, method_lines(), room=ROOM, does="measures a network")


def takes_many(method: Callable[..., Result]) -> bool:
    """Tell whether the method compares several networks."""
    return "Sequence[" in str(next(iter(inspect.signature(method).parameters.values())).annotation)
