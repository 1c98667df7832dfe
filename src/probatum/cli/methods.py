"""Which methods measure a network? Those whose file holds a function of its name from graph to result.

The folder is the registry. Files are read, not imported, until one method is chosen: help stays quick.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from probatum.errors import ProbatumError
from probatum.result import Result

ROOM = "probatum.structure"
SUBJECT = "LayeredGraph"


def method_lines() -> dict[str, str]:
    """Return what each method's docstring says first, by the method's name; nothing is imported."""
    found = find_spec(ROOM)
    folders = (found and found.submodule_search_locations) or ()
    return dict(line for folder in folders for line in _lines(Path(folder)))


def find_method(name: str) -> Callable[..., Result]:
    """Import the method of that name, written with `-` or `_`; `ProbatumError` lists what there is."""
    wanted, known = name.replace("-", "_"), method_lines()
    if wanted not in known:
        near = get_close_matches(wanted, known, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise ProbatumError(f"no method {name!r} measures a network; {meant}known are: {', '.join(known) or 'none'}")
    method: Callable[..., Result] = getattr(import_module(f"{ROOM}.{wanted}"), wanted)
    return method


def takes_many(method: Callable[..., Result]) -> bool:
    """Tell whether the method compares several networks."""
    return "Sequence[" in str(next(iter(inspect.signature(method).parameters.values())).annotation)


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    for module in sorted(pkgutil.iter_modules([str(folder)]), key=lambda module: module.name):
        path = folder / f"{module.name}.py"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if SUBJECT in text:
            body = ast.parse(text).body
            results = {node.name for node in body if isinstance(node, ast.ClassDef) and _is_result(node)}
            for node in body:
                if isinstance(node, ast.FunctionDef) and node.name == module.name and _measures(node, results):
                    yield node.name, _first_sentence(ast.get_docstring(node) or "")


def _is_result(node: ast.ClassDef) -> bool:
    return any(ast.unparse(parent) == Result.__name__ for parent in node.bases)


def _measures(function: ast.FunctionDef, results: set[str]) -> bool:
    first = next(iter([*function.args.posonlyargs, *function.args.args]), None)
    takes = first is not None and first.annotation is not None and SUBJECT in ast.unparse(first.annotation)
    return takes and function.returns is not None and ast.unparse(function.returns) in results


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")
