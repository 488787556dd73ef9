"""What taking credit of an account does, for whatever is charged as one amount: fees, refunds, adjustments (C4)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.burn_down import Lot, allocate
from usage_ledger.accounts.chart_of_accounts import CREDITS, INTERNAL_USAGE
from usage_ledger.accounts.credits.lot_amount import LotAmount, require_nameable
from usage_ledger.accounts.journal import JournalLine


class Taken(msgspec.Struct, frozen=True):
    """Which lots give how much, in order. ``shortfall`` went beyond them; ``lines`` are the debit side of the entry."""

    parts: tuple[LotAmount, ...]
    shortfall: int
    lines: tuple[JournalLine, ...]
    balance_after: int


def take(account: Account, amount: int, first: str | None = None) -> Taken:
    """What taking ``amount`` (nano-units) does: lot ``first``, then lots in C3 order, then the shortfall account.

    A platform's own account holds no credits: it is the platform's expense (A1). Raises ``Refusal('event_too_large')``
    when it would take more lots than one event can name.
    """
    if not account.holds_credits:
        expense = (JournalLine(INTERNAL_USAGE, "debit", amount),) if amount else ()
        return Taken((), 0, expense, account.balance)
    parts = tuple(LotAmount(part.lot, part.amount) for part in allocate([amount], _in_order(account, first)))
    require_nameable(parts)
    shortfall = sum(part.amount for part in parts if part.lot is None)
    beside_balance = shortfall if account.funding == "invoiced" else 0
    return Taken(
        parts=parts,
        shortfall=shortfall,
        lines=tuple(_debit(account, part) for part in parts),
        balance_after=account.balance - amount + beside_balance,
    )


def _in_order(account: Account, first: str | None) -> Sequence[Lot]:
    return account.lots if first is None else sorted(account.lots, key=lambda lot: lot.lot != first)


def _debit(account: Account, part: LotAmount) -> JournalLine:
    return JournalLine(account.shortfall_code if part.lot is None else CREDITS, "debit", part.amount, part.lot)
