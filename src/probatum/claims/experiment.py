"""Finds experiments by name, the package's and the newsletter's own, and imports one only when it is to run."""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

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
        if place is not None and name.isidentifier() and (path := place / f"{name}.py").is_file():
            return path.absolute()
    known = sorted(names(folder))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}"
    raise ProbatumError(f"unknown experiment {name!r}; {hint}")


def load(path: Path) -> Experiment:
    """Import an experiment's file and return the function of its name.

    Raises:
        ProbatumError: the file has no such function.
    """
    name = path.stem
    status = path.stat()
    own = path.parent != _PACKAGE
    module = (
        _load_file(path, status.st_mtime_ns, status.st_size) if own else import_module(f"probatum.experiments.{name}")
    )
    function = getattr(module, name, None)
    if not callable(function):
        raise ProbatumError(
            f"{path.name}: there is no function {name!r}; write: def {name}(*, seed: int) -> Mapping[str, float]"
        )
    found: Experiment = function
    return found


@lru_cache(maxsize=64)
def _load_file(path: Path, _changed: int, _size: int) -> ModuleType:
    """Import a loose file; it may import its neighbours, which come last in the path so as to hide no library."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    qualified = f"_probatum_newsletter_experiment_{path.stem}"
    spec = importlib.util.spec_from_file_location(qualified, path, loader=_FromSource(qualified, str(path)))
    if spec is None or spec.loader is None:
        raise ProbatumError(f"{path.name}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module  # data classes in the file look their module up there
    spec.loader.exec_module(module)
    return module


class _FromSource(SourceFileLoader):
    """Runs the text as it is: compiled files are told from older ones by whole seconds and sizes alone."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)
