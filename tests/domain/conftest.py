"""Three fixtures with which a domain test reads aloud: see ``given.py``."""

from __future__ import annotations

import pytest

from domain.given import Given, LedgerInMemory, Then, When


@pytest.fixture
def ledger() -> LedgerInMemory:
    return LedgerInMemory()


@pytest.fixture
def given(ledger: LedgerInMemory) -> Given:
    return Given(ledger)


@pytest.fixture
def when(ledger: LedgerInMemory) -> When:
    return When(ledger)


@pytest.fixture
def then(when: When) -> Then:
    return Then(when)
