"""A method's keyword arguments from the words of a command line, with every mistake named."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from probatum.errors import ProbatumError

MODEL, PICTURES = "model", ("inputs", "images")
"""Parameters that the command fills by itself: the network that can be run, and what it is run on."""


def parameters(method: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the method's keyword-only parameters by name."""
    found = inspect.signature(method).parameters.values()
    return {one.name: one for one in found if one.kind is inspect.Parameter.KEYWORD_ONLY}


def read_options(method: Callable[..., Any], words: Iterable[str]) -> dict[str, Any]:
    """Read `name=value` words as keyword arguments; values are written as in YAML, lists become tuples.

    Raises `ProbatumError` for a word without `=`, a name the method does not have or that stands twice, and a
    value of another type than the parameter's.
    """
    known = {name: one for name, one in parameters(method).items() if name not in (MODEL, *PICTURES)}
    hints = _hints(method)
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
        options[name] = _value(text, word)
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


def _hints(method: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(method)
    except NameError:  # a type that is imported for the type checker only
        return {}


def _value(text: str, word: str) -> Any:
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProbatumError(f"--with {word!r}: the value is no YAML ({' '.join(str(error).split())})") from error
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
