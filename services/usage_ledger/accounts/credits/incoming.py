"""What every credit that comes in has to pass: an account that takes it, and a time to be used in."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal


def credited_account(account_id: str, decision: Decision) -> Account:
    """Raises ``Refusal``: ``account_not_found``, and as ``require_creditable``."""
    account = current_account(decision, account_id)
    require_creditable(account)
    return account


def require_creditable(account: Account) -> None:
    """Raises ``Refusal``: ``account_closed`` (A3), ``credits_not_applicable`` (A1).

    Asked after a natural identity was claimed: a repeat gets its first answer, whatever became of the account since.
    """
    require_not_closed(account)
    if not account.holds_credits:
        raise Refusal("credits_not_applicable", "a platform_service account holds no credits")


def require_usable(effective_at: int, expires_at: int | None) -> None:
    """Raises ``Refusal('expires_in_past')`` for credit that would have expired when it takes effect (C6)."""
    if expires_at is not None and expires_at <= effective_at:
        raise Refusal("expires_in_past", "the credit would expire before it can be used")
