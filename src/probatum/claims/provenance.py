"""Where a trial's numbers come from: the digest of all code behind an experiment, the trial's key, the machine."""

from __future__ import annotations

import ast
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_VERSIONS = ("numpy", "scipy", "torch", "scikit-learn", "probatum")


def closure(path: Path) -> list[Path]:
    """The files that an experiment's numbers depend on, as far as they are ours.

    Its own file, every module of this package that it imports, directly or through another, at the top or inside
    a function, and the files in a module's `data/` folder that the module names.
    """
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = None
            if current.suffix == ".py":
                waiting.extend(_needs(current, os.stat(current).st_mtime_ns))
    return sorted(found)


def code_digest(path: Path) -> str:
    """SHA-256 (16 hex digits) over the closure's files, by name and content, line ends normalised."""
    digest = sha256()
    for file in closure(path):
        name = file.relative_to(PACKAGE).as_posix() if file.is_relative_to(PACKAGE) else file.name
        digest.update(f"{name}\0{_content(file, os.stat(file).st_mtime_ns)}\n".encode())
    return digest.hexdigest()[:16]


def trial_key(experiment: str, code: str, parameters: Mapping[str, object], seed: int) -> str:
    """SHA-256 (32 hex digits) of what defines a trial."""
    parts = [experiment, code, json.dumps(dict(parameters), sort_keys=True), seed]
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def environment() -> dict[str, str | int]:
    """What is recorded beside a trial, and is not part of its key: versions, processor, threads."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "threads": int(os.environ.get("OMP_NUM_THREADS", 0) or 0),
        **{name: found for name in _VERSIONS if (found := _version(name))},
    }


@lru_cache(maxsize=1024)
def _content(path: Path, _changed: int) -> str:
    return sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


@lru_cache(maxsize=1024)
def _needs(path: Path, _changed: int) -> tuple[Path, ...]:
    tree = ast.parse(path.read_bytes(), filename=str(path))
    return (*_modules(tree, path), *_data(tree, path.parent / "data"))


def _modules(tree: ast.Module, path: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module(alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(node, path)
            for alias in node.names:
                # `from package import module` means the module; `from module import name` means the module too.
                yield from _module(f"{start}.{alias.name}") or _module(start)


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level or not path.is_relative_to(PACKAGE):
        return node.module or ""
    parents = ("probatum", *path.relative_to(PACKAGE).parts)[: -node.level]
    return ".".join([*parents, *filter(None, [node.module])])


def _module(name: str) -> list[Path]:
    first, *rest = name.split(".")
    if first != "probatum":
        return []
    place = PACKAGE.joinpath(*rest)
    return [file for file in (place.with_suffix(".py"), place / "__init__.py") if rest and file.is_file()][:1]


def _data(tree: ast.Module, folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    known = {file.name for file in folder.iterdir() if file.is_file()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
            yield folder / node.value


@lru_cache(maxsize=16)
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=1)
def _processor() -> str:
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a pseudo-file
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    return platform.processor()
