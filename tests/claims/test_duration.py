"""Budgets as people write them."""

import pytest

from probatum.claims.duration import seconds
from probatum.errors import ProbatumError


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2m", 120), ("90s", 90), ("1h", 3600), ("1h30m", 5400), ("1m5s", 65), ("45", 45), ("0.5m", 30), (" 2M ", 120)],
)
def test_reads(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "-5s", "2 minutes", "5s2m", "m", "1e3"])
def test_refuses(text):
    with pytest.raises(ProbatumError, match="like 90s, 2m or 1h30m"):
        seconds(text)
