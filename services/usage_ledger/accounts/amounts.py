"""The amount of a command in nano-units of the account's currency (M3, M7)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.money import parse_amount
from usage_ledger.refusals import Refusal


def signed_amount(account: Account, amount: str, currency: str | None, pointer: str = "/amount") -> int:
    """What the text says; ``currency`` None means the account's, ``pointer`` is where in the body it stood.

    Raises ``Refusal('currency_mismatch')`` (M7), and as ``parse_amount``.
    """
    if currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})
    return parse_amount(amount, pointer)


def positive_amount(account: Account, amount: str, currency: str | None, pointer: str = "/amount") -> int:
    """Like ``signed_amount``, and above zero. Raises ``Refusal('amount_not_positive')`` as well."""
    nano = signed_amount(account, amount, currency, pointer)
    if nano <= 0:
        raise Refusal("amount_not_positive", "the amount is above zero")
    return nano
