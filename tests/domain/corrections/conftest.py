from __future__ import annotations

import pytest

from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import metered_ledger


@pytest.fixture
def ledger() -> Rehearsal:
    return metered_ledger()
