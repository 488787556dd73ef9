"""The amount of a command in nano-units of the account's currency (M3, M7)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.money import parse_amount
from usage_ledger.refusals import Refusal


def signed_amount(text: str, currency: str | None, account: Account) -> int:
    """What the text says; ``currency`` None means the account's.

    Raises ``Refusal('currency_mismatch')``, ``InvalidInput`` with the codes of ``parse_amount``.
    """
    if currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})
    return parse_amount(text, "/amount")


def positive_amount(text: str, currency: str | None, account: Account) -> int:
    """Like ``signed_amount``, and above zero. Raises ``Refusal('amount_not_positive')`` as well."""
    amount = signed_amount(text, currency, account)
    if amount <= 0:
        raise Refusal("amount_not_positive", "the amount is above zero")
    return amount
