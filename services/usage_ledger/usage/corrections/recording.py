"""Books corrected lines: one ``UsageCorrected`` for those that charge less, one for those that charge more (U16).

Each is cut where it would pass 256 KB. What was given back is there before anything is charged more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.corrections.events import LineCorrection, UsageCorrected
from usage_ledger.accounts.events import ChargeLine, PayerDecision
from usage_ledger.accounts.limits.budget import Spent
from usage_ledger.accounts.limits.events import BudgetSpend
from usage_ledger.accounts.limits.spending import spend_after, spender_of
from usage_ledger.deciding import Decision
from usage_ledger.pricing.events import PriceBasis
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.corrections.balancing import Balanced, charge_more, give_back, unbalanced
from usage_ledger.usage.corrections.rating import CorrectedLine
from usage_ledger.usage.event_parts import event_parts

_CORRECTION_BYTES: Final = 100  # of the numbers of a correction at their longest, and of its share in the entries


def record_corrections(decision: Decision, booking: Booking, corrected: Sequence[CorrectedLine], reason: str) -> None:
    """Append what changed; from now on the events hold these attempts.

    Raises ``Refusal('amount_out_of_range')``, before anything is appended, where balances would pass 64 bits.
    """
    more = [each for each in corrected if each.delta > 0]
    less = [each for each in corrected if each.delta <= 0]
    booking.take(sum(each.delta for each in more), sum(max(0, each.suspense_delta) for each in corrected))
    for part in (*event_parts(less, _bytes_of), *event_parts(more, _bytes_of)):
        position = _record(decision, booking, part, reason)
        decision.move_attempts([each.booked.key for each in part], position)


def _record(decision: Decision, booking: Booking, corrected: Sequence[CorrectedLine], reason: str) -> int:
    account = booking.account
    if account is None:
        return decision.record(booking.stream_id, _event(None, corrected, reason, unbalanced(corrected)))
    balanced = (charge_more if corrected[0].delta > 0 else give_back)(account, corrected)
    budgets = spend_after(account, _spent(corrected), decision.recorded_at) if account.limits.budgets else ()
    return record_on_account(decision, account, _event(account, corrected, reason, balanced, budgets))


def _spent(corrected: Sequence[CorrectedLine]) -> list[Spent]:
    """In the windows in which the usage occurred (L1)."""
    return [
        Spent(each.line.occurred_at, each.delta, spender_of(each.booked.payer_decision), each.booked.recorded_at)
        for each in corrected
        if each.delta
    ]


class _Shared:
    """What lines of one event share is written once, and named by its index."""

    def __init__(self) -> None:
        self.prices: dict[PriceBasis, int] = {}
        self.decisions: dict[PayerDecision, int] = {}

    def place(self, line: ChargeLine, basis: PriceBasis, decided: PayerDecision) -> ChargeLine:
        price = self.prices.setdefault(basis, len(self.prices))
        return replace(line, price=price, decision=self.decisions.setdefault(decided, len(self.decisions)))


class _Placed(NamedTuple):
    line: ChargeLine
    before: ChargeLine


def _event(
    account: Account | None,
    corrected: Sequence[CorrectedLine],
    reason: str,
    balanced: Balanced,
    budgets: tuple[BudgetSpend, ...] = (),
) -> UsageCorrected:
    shared = _Shared()
    placed = [_place(shared, each) for each in corrected]
    return UsageCorrected(
        account_id=account.account_id if account else None,
        currency=account.currency if account else None,
        reason=reason,
        prices=tuple(shared.prices),
        decisions=tuple(shared.decisions),
        lines=tuple(each.line for each in placed),
        before=tuple(each.before for each in placed),
        corrections=_corrections(corrected, balanced),
        delta=sum(each.delta for each in corrected),
        drawn=balanced.drawn,
        restored=balanced.restored,
        debt_settled=balanced.debt_settled,
        lot=balanced.lot,
        lot_amount=balanced.lot_amount,
        entries=balanced.entries,
        balance_after=balanced.balance_after,
        held_after=account.held if account else None,
        after_close=account.closed if account else False,
        budgets=budgets,
    )


def _corrections(corrected: Sequence[CorrectedLine], balanced: Balanced) -> tuple[LineCorrection, ...]:
    return tuple(
        LineCorrection(each.delta, drawn, each.booked.position, each.known_at, each.is_void)
        for each, drawn in zip(corrected, balanced.parts, strict=True)
    )


def _place(shared: _Shared, corrected: CorrectedLine) -> _Placed:
    booked = corrected.booked
    decided = booked.payer_decision
    before = shared.place(booked.line, booked.basis, decided)
    return _Placed(shared.place(corrected.line, corrected.basis, decided), before)


def _bytes_of(corrected: CorrectedLine) -> int:
    """With the names of all fields, which Avro does not write, and with nothing shared: no less than it needs."""
    booked = corrected.booked
    written = corrected.line, booked.line, corrected.basis, booked.basis, booked.payer_decision, booked.parts
    return _CORRECTION_BYTES + len(msgspec.msgpack.encode(written))
