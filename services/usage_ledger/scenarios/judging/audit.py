"""The audit of J5: what was stored as balances against the journal lines themselves, added up again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from usage_ledger.accounts.journal import debit_minus_credit
from usage_ledger.money import format_amount
from usage_ledger.scenarios.history import History, PastEvent
from usage_ledger.scenarios.judging.chart import on_normal_side
from usage_ledger.scenarios.worlds.world import AccountRef, World

Key = tuple[AccountRef, str, int]
"""Account, currency, code."""


def audit(world: World) -> Mapping[str, Any]:
    """Every difference with code, account and amount; it repairs nothing."""
    stored: Counter[Key] = Counter()
    for balance in world.views.code_balances():
        stored[balance.account, balance.currency, balance.code] += balance.debit
    recomputed = _recomputed(History(world.ledger.store).follow())
    differing = sorted(key for key in stored.keys() | recomputed.keys() if stored[key] != recomputed[key])
    imbalance = abs(sum(recomputed.values()))
    return {
        "balanced": imbalance == 0,
        "imbalance": format_amount(imbalance),
        "differences": [_difference(key, stored[key], recomputed[key]) for key in differing],
    }


def _recomputed(events: Iterable[PastEvent]) -> Counter[Key]:
    sums: Counter[Key] = Counter()
    for event in events:
        payload: Any = event.payload
        for line in lines_of(payload):
            account = AccountRef(event.envelope.tenant, payload.account_id)
            sums[account, payload.currency, line.code] += debit_minus_credit(line)
    return sums


def lines_of(payload: Any) -> Iterator[Any]:
    """Every journal line that an event carries."""
    for entry in getattr(payload, "entries", ()):
        yield from entry.lines


def _difference(key: Key, stored: int, recomputed: int) -> dict[str, str]:
    account, _, code = key
    return {
        "code": str(code),
        "account": account.account_id,
        "stored": format_amount(on_normal_side(code, stored)),
        "recomputed": format_amount(on_normal_side(code, recomputed)),
    }
