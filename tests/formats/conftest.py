"""The sample newsletter and an empty output folder, for the tests of every format.

What is in it stands in `sample_content.py`; its bodies, rendered, in `sample_bodies.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from sample_bodies import build

from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output


@pytest.fixture(scope="session")
def sample_newsletter() -> Newsletter:
    """A newsletter of three issues and eight entries with every quirk; nobody can change it."""
    return build()


@pytest.fixture
def out(tmp_path: Path) -> Output:
    """Where a format writes."""
    return Output(tmp_path / "site")


Publish = Callable[[ModuleType, Newsletter], dict[str, str]]


@pytest.fixture
def publish(out: Output) -> Publish:
    """Write a newsletter in one format and give the text of every file by its path."""

    def run(format: ModuleType, newsletter: Newsletter) -> dict[str, str]:
        paths = format.write(newsletter, out)
        out.commit(paths)
        return {path.relative_to(out.folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}

    return run
