"""Balances of codes on their normal side, over all accounts or of one; and whether the books balance."""

from __future__ import annotations

from collections import Counter
from typing import Final

from usage_ledger.money import format_amount
from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.worlds.world import Views

_CONTRA_REVENUE: Final = 4800


def on_normal_side(code: int, debit: int) -> int:
    """``debit`` is debits minus credits. Assets, expenses and the contra revenue of refunds are debit-normal (A6)."""
    return debit if code // 1000 in (1, 5) or code == _CONTRA_REVENUE else -debit


def balance_of(name: str, views: Views, cast: Cast) -> str:
    """Of ``<code>`` or ``<code>:<account>``, as text. Money of different currencies is never added: all are named."""
    code, _, label = name.partition(":")
    by_currency: Counter[str] = Counter()
    for currency, debit in _debits_of_account(int(code), label, views, cast) if label else _debits(int(code), views):
        by_currency[currency] += on_normal_side(int(code), debit)
    amounts = [(currency, format_amount(amount)) for currency, amount in sorted(by_currency.items())]
    if len(amounts) > 1:
        return ", ".join(f"{currency} {amount}" for currency, amount in amounts)
    return amounts[0][1] if amounts else format_amount(0)


def imbalance(views: Views) -> dict[str, str]:
    """Debits minus credits by currency, where they differ (J5)."""
    by_currency: Counter[str] = Counter()
    for total in views.trial_balance():
        by_currency[total.currency] += total.debit
    return {currency: format_amount(debit) for currency, debit in by_currency.items() if debit}


def _debits(code: int, views: Views) -> list[tuple[str, int]]:
    return [(total.currency, total.debit) for total in views.trial_balance() if total.code == code]


def _debits_of_account(code: int, label: str, views: Views, cast: Cast) -> list[tuple[str, int]]:
    account = cast.account(label)
    found = [balance for balance in views.code_balances() if (balance.account, balance.code) == (account, code)]
    return [(balance.currency, balance.debit) for balance in found]
