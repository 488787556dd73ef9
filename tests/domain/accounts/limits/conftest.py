"""A workspace whose calls cost what a test says, and its account ``acc``, which has 100 USD."""

from __future__ import annotations

import pytest

from domain.accounts.limits.spending import Spending


@pytest.fixture
def spending() -> Spending:
    return Spending()
