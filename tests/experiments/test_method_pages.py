import doctest
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "docs" / "methods").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_usage_runs_and_every_part_is_there(page):
    outcome = doctest.testfile(str(page), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0
    headings = [line[3:] for line in page.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert headings == ["Usage", "Metrics", "Details", "Results", "Cost"]
    assert "**Paper.**" in page.read_text("utf-8")
