"""What follows from a fall of the balance, and what the clock brings when nobody answers (L6)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.due_change import DueChange
from usage_ledger.accounts.lifecycle.standing import status_of
from usage_ledger.accounts.limits.events import AutoTopupLeaseExpired, AutoTopupTriggered, TopupTrigger
from usage_ledger.accounts.limits.topup import LEASE_MICROS, AutoTopup


def auto_topup_triggered(account: Account, balance_before: int, now: int) -> Iterator[AutoTopupTriggered]:
    """After what lowered the balance to below the threshold: if enabled, open, none in flight, and within the cap."""
    topup = account.limits.topup
    if topup is None or not topup.enabled or topup.in_flight is not None or status_of(account) != "open":
        return
    if not account.balance < min(balance_before, topup.threshold) or topup.would_pass_cap(now):
        return
    yield _triggered(account, topup, "balance", now)


def lapsing_lease(account: Account, now: int) -> DueChange | None:
    """The lease of the top-up in flight, if it has lapsed (C6)."""
    topup = account.limits.topup
    if topup is None or topup.in_flight is None or topup.lease_until > now:
        return None
    expired = AutoTopupLeaseExpired(account.account_id, topup.in_flight)
    # One that is named again has another lease, and its lapse is another change.
    command_id = f"topup-lease/{topup.in_flight}/{topup.lease_until}"
    return DueChange(topup.lease_until, topup.triggered, command_id, lambda: expired)


def scheduled_topup(account: Account, now: int) -> DueChange | None:
    """The schedule's turn, if it has come (L6). Its lease begins then, however late it is noticed (C6)."""
    topup = account.limits.topup
    if topup is None or topup.in_flight is not None or status_of(account) != "open":
        return None
    turn = topup.next_turn(account.zone)
    if turn > now:
        return None
    command_id = f"topup-schedule/{account.account_id}/{turn}"
    return DueChange(turn, topup.triggered, command_id, partial(_triggered, account, topup, "schedule", turn))


def _triggered(account: Account, topup: AutoTopup, trigger: TopupTrigger, now: int) -> AutoTopupTriggered:
    return AutoTopupTriggered(
        account_id=account.account_id,
        currency=account.currency,
        topup_id=topup.next_id(account.account_id),
        amount=topup.next_amount(),
        trigger=trigger,
        balance=account.balance,
        threshold=topup.threshold,
        lease_until=now + LEASE_MICROS,
    )
