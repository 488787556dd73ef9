"""Balances of codes on their normal side, over all accounts or of one; and whether the books balance."""

from __future__ import annotations

from collections.abc import Iterable

from usage_ledger.money import format_amount
from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.worlds.world import CodeBalance

CONTRA_REVENUE = 4800


def is_debit_normal(code: int) -> bool:
    """Assets, expenses, and the contra revenue of refunds (A6)."""
    return code // 1000 in (1, 5) or code == CONTRA_REVENUE


def on_normal_side(code: int, debit: int) -> int:
    return debit if is_debit_normal(code) else -debit


def balance_of(name: str, balances: Iterable[CodeBalance], cast: Cast) -> str:
    """Of ``<code>`` or ``<code>:<account>``, as text. Money of different currencies is never added: all are named."""
    code, _, label = name.partition(":")
    account = cast.account(label) if label else None
    by_currency: dict[str, int] = {}
    for balance in balances:
        if str(balance.code) == code and account in (None, balance.account):
            by_currency[balance.currency] = by_currency.get(balance.currency, 0) + balance.debit
    amounts = {currency: format_amount(on_normal_side(int(code), debit)) for currency, debit in by_currency.items()}
    if len(amounts) > 1:
        return ", ".join(f"{currency} {amount}" for currency, amount in sorted(amounts.items()))
    return next(iter(amounts.values()), format_amount(0))


def trial_balance(balances: Iterable[CodeBalance]) -> dict[str, str]:
    """Debits minus credits by currency, where they differ (J5)."""
    debits: dict[str, int] = {}
    for balance in balances:
        debits[balance.currency] = debits.get(balance.currency, 0) + balance.debit
    return {currency: format_amount(debit) for currency, debit in debits.items() if debit}
