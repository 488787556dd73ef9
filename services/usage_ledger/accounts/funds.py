"""Whether an account can pay what has not been used yet: the funds rule of holds and fees (H2)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.money import check_range, format_amount
from usage_ledger.refusals import Refusal


def spendable(account: Account) -> int | None:
    """Nano-units that may still be promised: available - unbilled + limit; None where nothing limits it (A2)."""
    limit = account.overdraft_limit if account.funding == "prepaid" else account.credit_limit
    if limit is None or not account.holds_credits:
        return None
    return account.available - account.unbilled + limit


def require_funds(account: Account, amount: int) -> None:
    """Refuse what cannot be paid (H2). Zero always passes, at any balance (H3).

    Raises ``Refusal``: ``credits_exhausted``, ``insufficient_credits``, both with ``balance``, ``spendable`` and
    ``required`` as decimal text; ``amount_out_of_range`` where what is held would pass 64 bits (M2).
    """
    check_range(account.held + amount)
    left = spendable(account)
    if left is None or left >= amount or not amount:
        return
    seen = {
        "balance": format_amount(account.balance),
        "spendable": format_amount(left),
        "required": format_amount(amount),
        "currency": account.currency,
    }
    if left <= 0:
        raise Refusal("credits_exhausted", "nothing is left to spend", seen)
    raise Refusal("insufficient_credits", "less is left to spend than this needs", seen)
