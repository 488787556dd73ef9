"""One thing that happens to an account by itself (C6), and how each kind of them is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from usage_ledger.accounts.account import Account
from usage_ledger.recorded_event import EventPayload


class DueChange(NamedTuple):
    """One event that is due. ``command_id`` is the clock's; ``sequence`` is that of the event that made it due."""

    due_at: int
    sequence: int
    command_id: str
    payload: Callable[[], EventPayload]


NextDue = Callable[[Account, int], DueChange | None]
"""The first change of one kind that is due at or before a time (microseconds UTC), or None."""
