"""Waits until the views have taken in everything that was written."""

import time
from typing import Final

from usage_ledger.gateway.service import LedgerService

PATIENCE_S: Final = 60.0


def wait_for_views(admin: LedgerService, position: str, patience_s: float = PATIENCE_S) -> bool:
    """Whether they came to the position in time. One question waits five seconds at most, so it is asked again."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = admin.read("/v1/usage/summary", wait_for=position)
        if _number(answer["as_of"]["position"]) >= _number(position):
            return True
        if time.monotonic() > deadline:
            return False


def _number(position: str) -> int:
    """Positions of one shard are ordered by what follows the dash."""
    return int(position.rpartition("-")[2])
