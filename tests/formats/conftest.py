"""The sample newsletter and an empty output folder, for the tests of every format.

What is in it stands in `sample_content.py`; its bodies, rendered, in `sample_bodies.py`.
"""

from __future__ import annotations

from pathlib import Path

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
    """Where a format writes; `out.commit()` puts the files into `out.folder`."""
    return Output(tmp_path / "site")
