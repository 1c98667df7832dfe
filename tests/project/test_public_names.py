"""The public names are these; a change here is a change that users can see, and belongs in CHANGELOG.md."""

import importlib
import pkgutil
from pathlib import Path

import probatum

LISTED = Path(__file__).with_name("public_names.txt")


def public_names():
    packages = (module.name for module in pkgutil.iter_modules(probatum.__path__) if module.ispkg)
    for room in ("probatum", *(f"probatum.{name}" for name in packages)):
        module = importlib.import_module(room)
        for name in sorted(getattr(module, "__all__", ())):
            assert getattr(module, name) is not None, f"{room}.{name}"
            yield f"{room}.{name}"


def test_public_names_are_the_listed_ones():
    assert list(public_names()) == LISTED.read_text().split()
