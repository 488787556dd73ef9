"""Credit that expires: what its plan lets roll over does first, then the rest goes, as far as holds leave it free.

A lot has one turn, at its expiry. What holds kept of it then goes when one of them is closed, and not before: credit
that comes in meanwhile does not free it (C7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.burn_down import Lot
from usage_ledger.accounts.chart_of_accounts import CREDITS, EXPIRED_CREDITS
from usage_ledger.accounts.credits.events import CreditsExpired, CreditsRolledOver
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.due_change import DueChange
from usage_ledger.accounts.events import Rollover
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refusals import Refusal


def expiring_lot(account: Account, now: int) -> DueChange | None:
    """The first lot whose turn to expire has come and of which something can go (C7, C10)."""
    rolling = account.lot_book.rolling(now)
    expiring = account.lot_book.expiring(now) if account.available > 0 else None
    first = min(filter(None, (rolling, expiring)), key=lambda lot: (lot.expires_at, lot.version), default=None)
    if first is None:
        return None
    if first.rollover is not None:
        return _due(account, first, "rollover", partial(_rolled_over, account, first, first.rollover))
    return _due(account, first, "expiry", partial(_expired, account, first, first.remaining))


def freed_credit_expires(account: Account, now: int) -> Iterator[EventPayload]:
    """A hold was closed: what holds kept of lots past their expiry goes in that append, as far as it is free (C7)."""
    for lot in account.lot_book.expired(now):
        yield from _expiring(account, lot, lot.remaining)


def returned_credit_expires(account: Account, parts: Iterable[LotAmount], now: int) -> Iterator[EventPayload]:
    """Of what a reversal returned to lots, that of lots which expired meanwhile expires again at once (C12)."""
    returned = {part.lot: part.amount for part in parts}
    for lot in account.lot_book.expired(now):
        if lot.lot in returned:
            yield from _expiring(account, lot, returned[lot.lot])


def _expiring(account: Account, lot: Lot, amount: int) -> Iterator[EventPayload]:
    """Nothing, where nothing is free. What would pass 64 bits stays: no command is refused for it (M2, U5)."""
    if account.available > 0:
        with suppress(Refusal):
            yield _expired(account, lot, amount)


def _due(account: Account, lot: Lot, what: str, payload: Callable[[], EventPayload]) -> DueChange:
    return DueChange(lot.expires_at or 0, lot.version, f"lot-{what}/{account.account_id}/{lot.lot}", payload)


def _expired(account: Account, lot: Lot, at_most: int) -> CreditsExpired:
    amount = min(at_most, account.available)
    lines = JournalLine(CREDITS, "debit", amount, lot.lot), JournalLine(EXPIRED_CREDITS, "credit", amount)
    return CreditsExpired(
        account_id=account.account_id,
        currency=account.currency,
        lot=lot.lot,
        amount=amount,
        entries=(account.entry("expiry", lines),),
        balance_after=account.balance - amount,
        held_after=account.held,
    )


def _rolled_over(account: Account, lot: Lot, rollover: Rollover) -> CreditsRolledOver:
    """It keeps the balance as it is, so that holds do not limit it."""
    amount = lot.remaining if rollover.limit is None else min(lot.remaining, rollover.limit)
    to_lot = f"{lot.lot}+"
    lines = JournalLine(CREDITS, "debit", amount, lot.lot), JournalLine(CREDITS, "credit", amount, to_lot)
    return CreditsRolledOver(
        account_id=account.account_id,
        currency=account.currency,
        from_lot=lot.lot,
        to_lot=to_lot,
        amount=amount,
        kind=lot.kind,
        priority=lot.priority,
        effective_at=lot.expires_at or 0,
        expires_at=rollover.until,
        entries=(account.entry("rollover", lines),),
        balance_after=account.balance,
        held_after=account.held,
    )
