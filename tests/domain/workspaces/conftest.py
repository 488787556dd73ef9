from __future__ import annotations

import pytest

from domain.rehearsal import Rehearsal


@pytest.fixture
def ledger() -> Rehearsal:
    return Rehearsal()
