"""What events about an account's standing do to its state. A function here only assigns and cannot fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_ledger.accounts.lifecycle.events import AccountResumed, AccountSuspended

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def reasons_changed(account: Account, changed: AccountSuspended | AccountResumed, _: int) -> None:
    account.suspended_for = list(changed.reasons)
