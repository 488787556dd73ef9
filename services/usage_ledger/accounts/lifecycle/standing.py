"""Whether an account is open, suspended or closed, and what that forbids (A3)."""

from __future__ import annotations

from typing import Literal

from usage_ledger.accounts.account import Account
from usage_ledger.refusals import Refusal

Status = Literal["open", "suspended", "closed"]


def status_of(account: Account) -> Status:
    """Suspended while there is a reason; closed for good."""
    if account.closed:
        return "closed"
    return "suspended" if account.suspended_for else "open"


def require_not_closed(account: Account) -> None:
    """Raises ``Refusal('account_closed')``."""
    if account.closed:
        raise Refusal("account_closed", "the account was closed for good")
