"""The folder is the registry: a method is a file that holds a function of its name, from its subject to its result.

Files are read, not imported, until one method is chosen: help stays quick.
"""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError

RESULT = "Result"


def first_lines(room: str, *, subject: str, result: str | None = None) -> dict[str, str]:
    """Return what each method in the package `room` says of itself first, by its name; nothing is imported.

    `subject` stands in the type of a method's first argument. `result` is the type that it returns; None: a `Result`
    that its own file defines, and what counts is then the function's docstring, else the file's: functions that return
    the same say much the same.
    """
    package, *inner = room.split(".")
    found = find_spec(package)  # of a package inside another one, it would import the outer one
    folders = (found and found.submodule_search_locations) or ()
    return dict(line for folder in folders for line in _lines(Path(folder, *inner), subject, result))


def import_method(name: str, known: Mapping[str, str], *, room: str, does: str) -> Callable[..., Any]:
    """Import the method of that name, written with `-` or `_`; `ProbatumError` lists what there is."""
    wanted = name.replace("-", "_")
    if wanted not in known:
        near = get_close_matches(wanted, known, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise ProbatumError(f"no method {name!r} {does}; {meant}known are: {', '.join(known) or 'none'}")
    method: Callable[..., Any] = getattr(import_module(f"{room}.{wanted}"), wanted)
    return method


def _lines(folder: Path, subject: str, result: str | None) -> Iterator[tuple[str, str]]:
    for module in sorted(pkgutil.iter_modules([str(folder)]), key=lambda module: module.name):
        path = folder / f"{module.name}.py"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if subject in text:
            body = ast.parse(text).body
            own = {node.name for node in body if isinstance(node, ast.ClassDef) and _is_result(node)}
            results = own if result is None else {result}
            for node in body:
                if isinstance(node, ast.FunctionDef) and node.name == module.name and _fits(node, subject, results):
                    yield node.name, _first_sentence(ast.get_docstring(node if result is None else ast.parse(text)))


def _is_result(node: ast.ClassDef) -> bool:
    return any(ast.unparse(parent) == RESULT for parent in node.bases)


def _fits(function: ast.FunctionDef, subject: str, results: set[str]) -> bool:
    first = next(iter([*function.args.posonlyargs, *function.args.args]), None)
    takes = first is not None and first.annotation is not None and subject in ast.unparse(first.annotation)
    return takes and function.returns is not None and ast.unparse(function.returns) in results


def _first_sentence(text: str | None) -> str:
    paragraph = " ".join((text or "").partition("\n\n")[0].split())
    return re.split(r"(?<!et al)\. ", paragraph)[0].rstrip(".")
