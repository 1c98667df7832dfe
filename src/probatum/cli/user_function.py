"""A function of the user's own, named on the command line as `package.module:function`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError


def user_function(spec: str, *, option: str) -> Callable[..., Any]:
    """Import the function; modules in the current folder count. `ProbatumError` begins with the option's name."""
    module_name, colon, name = spec.partition(":")
    if not colon or not module_name or not name:
        raise ProbatumError(f"{option} {spec}: give package.module:function")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise ProbatumError(f"{option} {spec}: {module_name} cannot be imported ({error})") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise ProbatumError(f"{option} {spec}: the module {module_name} has no function {name!r}")
    found: Callable[..., Any] = function
    return found
