"""Prices and policies for one account: it has to be there."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream


def require_account(account_id: str | None, decision: Decision) -> None:
    """Raises ``Refusal('account_not_found')``; without an account it is for all of them.

    What is set for an account that nobody opened would wait, unseen, for whoever opens one of that id.
    """
    if account_id is not None and not decision.get(Account, account_stream(decision.tenant, account_id)).version:
        raise Refusal("account_not_found", "no account of this id was opened")
