"""Where a trial's numbers come from: a digest of all code behind an experiment, the trial's key, the machine.

The import closure is read from the sources and nothing is imported: an issue builds without torch, and a
newsletter's own experiments are loose files that belong to no package.
"""

from __future__ import annotations

import ast
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from probatum.claims.trial import canonical
from probatum.errors import ProbatumError

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class _Facts:
    """What one source file names: imports from outside the standard library, and its short string constants."""

    imports: tuple[tuple[int, str, str | None], ...]  # level, module, name imported from it
    strings: frozenset[str]


def closure(path: Path) -> list[Path]:
    """The files on which an experiment's numbers depend, as far as they are the package's or the newsletter's.

    These are its own file; every module of this package, or neighbour of the experiment, that it imports, directly or
    through another, at the top or inside a function or under `TYPE_CHECKING`; and what a module names in the folder
    `data` beside it (all of that folder, if it puts the names together at run time). The `__init__` of a package
    counts where it is imported from itself, not as the parent of what is.
    """
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            if current.suffix == ".py":
                facts = _facts_of(current)
                waiting.extend(_data(facts, current.parent))
                for level, module, name in facts.imports:
                    waiting.extend(_modules(current, path.parent, level, module, name))
    return sorted(found)


def libraries(files: Iterable[Path]) -> list[str]:
    """The top-level names of the other people's packages that these files import."""
    sources = [file for file in files if file.suffix == ".py"]
    imports = (found for file in sources for found in _facts_of(file).imports)
    named = {module.partition(".")[0] for level, module, _ in imports if not level}
    return sorted(named - {PACKAGE.name, *(file.stem for file in sources)})


def code_digest(path: Path) -> str:
    """SHA-256 over the closure's files, by name and content, line ends normalised."""
    digest = sha256()
    for name, file in sorted((_label(file, path.parent), file) for file in closure(path)):
        digest.update(f"{name}\0{file_digest(file)}\n".encode())
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of one file's content, line ends normalised; remembered until the file is written again."""
    status = path.stat()
    return _content(path, status.st_mtime_ns, status.st_size)


def trial_key(experiment: str, code: str, parameters: Mapping[str, object], seed: int) -> str:
    """SHA-256 of what defines a trial. Versions, threads and machine are recorded beside it, and are not in it."""
    return sha256(canonical([experiment, code, dict(parameters), seed]).encode()).hexdigest()


def environment(imported: Iterable[str] = ()) -> dict[str, str]:
    """What is recorded beside a trial: Python, machine, threads, and the versions of the libraries imported."""
    from probatum import __version__

    distributions = metadata.packages_distributions() if imported else {}
    used = {distribution for name in imported for distribution in distributions.get(name, ())}
    return {
        "probatum": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "threads": os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count()),
        **{name: metadata.version(name) for name in sorted(used)},
    }


def _label(file: Path, experiments: Path) -> str:
    """A file's name in the digest: the same on every machine."""
    root = PACKAGE.parent if file.is_relative_to(PACKAGE) else experiments
    return file.relative_to(root).as_posix()


def _facts_of(path: Path) -> _Facts:
    status = path.stat()
    return _facts(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _facts(path: Path, _changed: int, _size: int) -> _Facts:
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise ProbatumError(f"{path}:{error.lineno}: {error.msg}; it cannot be imported like this") from error
    imports: dict[tuple[int, str, str | None], None] = {}
    strings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= {(0, alias.name, None): None for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {(node.level, node.module or "", alias.name): None for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            strings.add(node.value)
    ours = [found for found in imports if found[0] or found[1].partition(".")[0] not in sys.stdlib_module_names]
    return _Facts(tuple(ours), frozenset(strings))


def _modules(importer: Path, experiments: Path, level: int, module: str, name: str | None) -> Iterator[Path]:
    """The file that an import means: `from a.b import c` is the module c of the package a.b if there is one."""
    if level:
        place = importer.parents[level - 1].joinpath(*filter(None, module.split(".")))
    else:
        root, *rest = module.split(".")
        place = (PACKAGE if root == PACKAGE.name else experiments / root).joinpath(*rest)
    found = _file(place)
    if name is not None and (found is None or found.name == "__init__.py"):
        found = _file(place / name) or found
    if found:
        yield found


def _file(place: Path) -> Path | None:
    for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if path.is_file():
            return path
    return None


def _data(facts: _Facts, folder: Path) -> list[Path]:
    """The files of `data` that a module names; all of them where it names only the folder."""
    if not (folder / "data").is_dir():
        return []
    found = (path for path in (folder / "data").rglob("*") if path.is_file())
    files = {path.relative_to(folder / "data").as_posix(): path for path in found}
    named = {text.removeprefix("data/") for text in facts.strings}
    if any(text == "data" or (text.startswith("data/") and text[5:] not in files) for text in facts.strings):
        return list(files.values())
    return [path for name, path in files.items() if name in named]


@lru_cache(maxsize=1024)
def _content(path: Path, _changed: int, _size: int) -> str:
    return sha256(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest()


@cache
def _processor() -> str:
    if sys.platform == "linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
