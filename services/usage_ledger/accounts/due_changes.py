"""What happens to an account by itself, at its time: before anything is decided at that time or after it (C6).

A due change follows from the account's state and the clock alone. Its command id is made of what is due, so the
scheduler, which does the same for idle accounts, and a command that comes in between agree on it; and once it is
appended the state says that it is no longer due, so that running it twice, late, or in two places changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.consequences import consequences
from usage_ledger.accounts.credits.expiring import expiring_lot, freed_credit_expires
from usage_ledger.accounts.credits.scheduling import scheduled_grant
from usage_ledger.accounts.due_change import DueChange, NextDue
from usage_ledger.accounts.holds.events import HoldExpired
from usage_ledger.accounts.holds.expiry import next_hold_expiry
from usage_ledger.accounts.limits.topup_triggering import lapsing_lease, scheduled_topup
from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream

DUE_CHANGES: Final[tuple[NextDue, ...]] = (
    scheduled_grant,
    next_hold_expiry,
    expiring_lot,
    lapsing_lease,
    scheduled_topup,
)
"""One a kind; of changes due at one instant, those of an earlier kind come first."""


def append_due_changes(decision: Decision, account: Account, at_most: int | None = None) -> None:
    """Append everything that is due at or before the decision's time, in the order of C6, each with what follows.

    A command needs all of it. Who has time stops after ``at_most`` and comes again: the account says what is left.
    Raises ``MoreIsDue`` where it does not fit one append.
    """
    for _ in count() if at_most is None else range(at_most):
        if account.next_due > decision.recorded_at:
            return
        first = _first(account, decision.recorded_at)
        if first is None:
            return
        decision.require_room_for_due()
        _append(decision, account, *first)


def _append(decision: Decision, account: Account, change: DueChange, payload: EventPayload) -> None:
    """The change, then what follows from it, all of it the clock's and at the time when it was due."""
    stream = account_stream(decision.tenant, account.account_id)
    before = account.balance
    decision.record_due(stream, payload, change.command_id, change.due_at)
    for each in _following(account, payload, change.due_at, before):
        decision.record_due(stream, each, change.command_id, change.due_at)


def _following(account: Account, payload: EventPayload, due_at: int, before: int) -> Iterator[EventPayload]:
    """As if it had been noticed at its time: what follows late is what would have followed then."""
    if isinstance(payload, HoldExpired):
        # What expires at that very time is due by itself, after the hold (C6).
        yield from freed_credit_expires(account, due_at - 1)
    yield from consequences(account, before, due_at)


def _first(account: Account, now: int) -> tuple[DueChange, EventPayload] | None:
    """The first that can happen. What would pass 64 bits stays due: no command is refused for it (M2, U5)."""
    for change, _ in sorted(_due(account, now), key=lambda each: (each[0].due_at, each[1], each[0].sequence)):
        with suppress(Refusal):
            return change, change.payload()
    return None


def _due(account: Account, now: int) -> Iterator[tuple[DueChange, int]]:
    for kind, next_due in enumerate(DUE_CHANGES):
        change = next_due(account, now)
        if change is not None:
            yield change, kind
