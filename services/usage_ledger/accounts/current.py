"""The one way to load an account for a decision: there, and with everything done that was due (C6)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.due_changes import append_due_changes
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream


def current_account(decision: Decision, account_id: str) -> Account:
    """The account as it is at the decision's time. Raises ``Refusal('account_not_found')`` (A5)."""
    account = opened_account(decision, account_id)
    append_due_changes(decision, account)
    return account


def opened_account(decision: Decision, account_id: str) -> Account:
    """The account as it was left, with whatever is due since not done. Raises ``Refusal('account_not_found')``."""
    account = decision.get(Account, account_stream(decision.tenant, account_id))
    if not account.version:
        raise Refusal("account_not_found", "no account of this id was opened")
    return account
