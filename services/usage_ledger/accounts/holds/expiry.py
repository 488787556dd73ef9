"""A hold that nobody settled ends at its time, as an event under the clock's own command id (H7, C6)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.due_change import DueChange
from usage_ledger.accounts.holds.events import HoldExpired
from usage_ledger.accounts.holds.open_holds import OpenHold


def next_hold_expiry(account: Account, now: int) -> DueChange | None:
    """The first hold that has ended at ``now`` (microseconds UTC) and is still open."""
    hold = account.holds.first_expired(now)
    if hold is None:
        return None
    return DueChange(hold.expires_at, hold.version, f"hold-expiry/{hold.hold_id}", lambda: _expired(account, hold))


def _expired(account: Account, hold: OpenHold) -> HoldExpired:
    return HoldExpired(
        account_id=account.account_id,
        currency=account.currency,
        hold_id=hold.hold_id,
        amount=hold.amount,
        balance_after=account.balance,
        held_after=account.holds.held - hold.amount,
    )
