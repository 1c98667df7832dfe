"""The versions that stand behind a number: of this package, of Python, and of packages by their names."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from probatum import __version__


def package_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions by name, without packages that are not installed; nothing is imported."""
    found = {"Probatum": __version__, "Python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
