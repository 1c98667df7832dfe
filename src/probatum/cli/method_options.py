"""A method's keyword arguments from the words of a command line, with every mistake named."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from probatum.errors import ProbatumError

MODEL, PICTURES = "model", ("inputs", "images")
"""Parameters that the command fills by itself: the network that can be run, and what it is run on."""


def parameters(method: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the method's keyword-only parameters by name."""
    found = inspect.signature(method).parameters.values()
    return {one.name: one for one in found if one.kind is inspect.Parameter.KEYWORD_ONLY}


def read_options(
    method: Callable[..., Any],
    words: Iterable[str],
    *,
    more: Mapping[str, inspect.Parameter] | None = None,
    without: Collection[str] = (MODEL, *PICTURES),
) -> dict[str, Any]:
    """Read `name=value` words as keyword arguments; values are written as in YAML, lists become tuples.

    `more`: parameters that the method takes besides those of its signature; their annotations are types. `without`:
    parameters that are given in another way. Raises `ProbatumError` for a word without `=`, a name the method does not
    have or that stands twice, and a value of another type than the parameter's.
    """
    known = {name: one for name, one in parameters(method).items() if name not in without}
    hints = type_hints(method) | {name: one.annotation for name, one in (more or {}).items()}
    known |= more or {}
    options: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise ProbatumError(f"--with {word!r}: give name=value, such as seed=1")
        if name not in known:
            listed = ", ".join(map(_written, known.values())) or "none"
            raise ProbatumError(f"--with {word!r}: {method.__name__} has no option {name!r}; it has {listed}")
        if name in options:
            raise ProbatumError(f"--with {word!r}: {name!r} is given twice")
        options[name] = read_value(text, f"--with {word!r}")
        if name in hints and not _fits(options[name], hints[name]):
            wanted = _type_name(hints[name])
            raise ProbatumError(f"--with {word!r}: {name} is {wanted} (default {known[name].default!r})")
    return options


def refuse_missing(method: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Raise `ProbatumError` where the method cannot do without something that was not given, and say how."""
    for name, one in parameters(method).items():
        if one.default is one.empty and name not in options:
            if name == MODEL:
                how = "a network that can be run: an ONNX file or package.module:function, not weights alone"
            elif name in PICTURES:
                how = "what to run the network on: --images FILE.npz"
            else:
                how = f"--with {name}=... (or an array of that name in --images FILE.npz)"
            raise ProbatumError(f"{method.__name__} needs {how}")


def type_hints(method: Callable[..., Any]) -> dict[str, Any]:
    """Return the types of the method's parameters, but for those that are imported for the type checker only."""
    hints: dict[str, Any] = {}
    for name, annotation in inspect.get_annotations(method).items():
        alone = types.SimpleNamespace(__annotations__={name: annotation})
        with suppress(NameError):
            hints |= get_type_hints(alone, globalns=getattr(method, "__globals__", None))
    return hints


def read_value(text: str, word: str) -> Any:
    """Read a value as in YAML, lists as tuples and 1e-3 as a number; `ProbatumError` begins with `word`."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProbatumError(f"{word}: the value is no YAML ({' '.join(str(error).split())})") from error
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    if isinstance(value, str):
        try:
            return float(value)  # 1e-3 is a string to YAML 1.1
        except ValueError:
            return value
    return value


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in inner
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if hint in (bool, int, float, str):
        numbers = (int, float) if hint is float else hint
        return isinstance(value, numbers) and (hint is bool or not isinstance(value, bool))
    if hint in (None, type(None)):
        return value is None
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return isinstance(value, tuple) and all(_fits(item, inner[0]) for item in value if inner)
    return True


def _written(one: inspect.Parameter) -> str:
    return one.name if one.default is one.empty else f"{one.name}={one.default!r}"


def _type_name(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(str, get_args(hint)))
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_type_name(one) for one in get_args(hint))
    return {int: "a whole number", float: "a number", bool: "true or false", str: "a word", type(None): "null"}.get(
        hint, str(hint).replace("collections.abc.", "")
    )
