"""A place where experiments and a ledger lie."""

import pytest
from claim_samples import Place


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)
