"""What every event about an account's standing does to its state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.lifecycle.events import (
    AccountClosed,
    AccountResumed,
    AccountSuspended,
    CreditLimitSet,
    OverdraftLimitSet,
)

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def account_suspended(account: Account, suspended: AccountSuspended, _: int) -> None:
    account.suspended_for = list(suspended.reasons)


def account_resumed(account: Account, resumed: AccountResumed, recorded_at: int) -> None:
    """Turns of a top-up's schedule that came meanwhile were skipped (L6)."""
    account.suspended_for = list(resumed.reasons)
    if account.limits.topup is not None:
        account.limits.topup.turns_until = recorded_at


def account_closed(account: Account, _closed: AccountClosed, _: int) -> None:
    """What was to be granted is not any more."""
    account.closed = True
    account.credit_record.forget_scheduled()


def overdraft_limit_set(account: Account, changed: OverdraftLimitSet, _: int) -> None:
    account.overdraft_limit = changed.limit


def credit_limit_set(account: Account, changed: CreditLimitSet, _: int) -> None:
    account.credit_limit = changed.limit


LIFECYCLE_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    AccountSuspended: account_suspended,
    AccountResumed: account_resumed,
    AccountClosed: account_closed,
    OverdraftLimitSet: overdraft_limit_set,
    CreditLimitSet: credit_limit_set,
}
