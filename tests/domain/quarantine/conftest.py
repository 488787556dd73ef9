from __future__ import annotations

import pytest

from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import metered_ledger
from reacting.in_memory import ReactorInMemory


@pytest.fixture
def ledger() -> Rehearsal:
    return metered_ledger()


@pytest.fixture
def reactor(ledger: Rehearsal) -> ReactorInMemory:
    return ReactorInMemory(ledger.store, ledger.clock)
