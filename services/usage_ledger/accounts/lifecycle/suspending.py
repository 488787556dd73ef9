"""Suspension reasons as a set: adding one that is there, or removing one that is not, is no event (A3)."""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.lifecycle.events import AccountResumed, AccountSuspended


def suspended(account: Account, reason: str) -> Iterator[AccountSuspended]:
    """The event of one more reason, if it is one more."""
    if reason not in account.suspended_for:
        reasons = tuple(sorted((*account.suspended_for, reason)))
        yield AccountSuspended(account.account_id, reason, reasons)


def resumed(account: Account, reason: str) -> Iterator[AccountResumed]:
    """The event of one reason less, if it was one."""
    if reason in account.suspended_for:
        reasons = tuple(each for each in account.suspended_for if each != reason)
        yield AccountResumed(account.account_id, reason, reasons)
