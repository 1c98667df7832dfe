"""Finds experiments by name, the package's and the newsletter's own, without importing them until one is run."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from probatum.errors import ProbatumError

Experiment = Callable[..., Mapping[str, float]]
_PACKAGE = Path(__file__).parents[1] / "experiments"


def names(folder: Path | None) -> frozenset[str]:
    """All experiments that are known: the package's, and those in a newsletter's `experiments` folder."""
    folders = [_PACKAGE] if folder is None else [_PACKAGE, folder]
    return frozenset(path.stem for place in folders for path in place.glob("*.py") if not path.stem.startswith("_"))


def source(name: str, folder: Path | None) -> Path:
    """The file of an experiment; the newsletter's own goes before the package's.

    Raises:
        ProbatumError: there is none of that name.
    """
    for place in (folder, _PACKAGE):
        if place is not None and name.isidentifier() and (place / f"{name}.py").is_file():
            return place / f"{name}.py"
    raise ProbatumError(f"unknown experiment {name!r}; known are: {', '.join(sorted(names(folder)))}")


def load(name: str, folder: Path | None) -> Experiment:
    """Import an experiment and return its function.

    Raises:
        ProbatumError: there is none, or its file has no function of its name.
    """
    path = source(name, folder)
    module = import_module(f"probatum.experiments.{name}") if path.parent == _PACKAGE else _load_file(name, path)
    function = getattr(module, name, None)
    if not callable(function):
        raise ProbatumError(f"{path}: no function {name!r}; write: def {name}(*, seed: int) -> Mapping[str, float]")
    found: Experiment = function
    return found


def _load_file(name: str, path: Path) -> ModuleType:
    qualified = f"_probatum_newsletter_experiment_{name}"
    spec = importlib.util.spec_from_file_location(qualified, path)
    if spec is None or spec.loader is None:
        raise ProbatumError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module
    spec.loader.exec_module(module)
    return module
