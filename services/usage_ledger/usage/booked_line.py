"""One attempt becomes one line of its payer's event: rated, counted, and answered."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from usage_ledger.accounts.events import ChargeLine
from usage_ledger.money import format_amount
from usage_ledger.pricing.events import LineOutcome, PriceBasis, PriceUsed
from usage_ledger.usage.answer import LINE_STATUS, ItemAnswer
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.counted_periods import count_line
from usage_ledger.usage.line_amounts import LineAmounts, line_amounts
from usage_ledger.usage.line_detail import MONTH_BYTES, PLAIN, rating_bytes
from usage_ledger.usage.route import Route

_ZERO: Final = format_amount(0)


def book_line(attempt: Attempt, route: Route) -> LineAmounts:
    """Put the attempt's line into the draft of its payer's event; recording the draft is what charges it.

    Raises ``Refusal('amount_out_of_range')``, with nothing put anywhere, where an amount or a balance passes 64 bits.
    """
    return book_amounts(attempt, route, line_amounts(attempt, route))


def book_stated(attempt: Attempt, route: Route, amount: int) -> LineAmounts:
    """Like ``book_line``, with an amount (nano-units) that is booked as given; where nobody pays, nothing is (H5)."""
    charged = 0 if route.booking.account is None else amount
    outcome: LineOutcome = "charged" if charged else "no_usage" if route.booking.account else "byok"
    used = PriceUsed("", "stated", False, route.booking.currency or "", None, ())
    route.choice = replace(route.choice, basis=PriceBasis(attempt.item.model, None, used, None))
    return book_amounts(attempt, route, LineAmounts(outcome, charged, None, None))


def book_amounts(attempt: Attempt, route: Route, amounts: LineAmounts) -> LineAmounts:
    """Like ``book_line``, with amounts that are known."""
    if amounts.charged or amounts.suspense:
        route.booking.take(amounts.charged, amounts.suspense or 0)
    more_room = rating_bytes(amounts.rating) if amounts.rating else 0
    if route.accounting_month is not None:
        more_room += MONTH_BYTES
    draft = route.draft_for(attempt.line_bytes + more_room)
    line = _line(attempt, route, amounts)
    draft.add(attempt, line, amounts.suspense or 0, route.payer_decision.capability)
    if route.settlement is not None:
        route.booking.settle(route.settlement, amounts.charged)
    draft.room -= more_room
    if amounts.rating is not None:
        count_line(route.booking.periods, route.choice.basis.model, line)
    return amounts


def accepted(attempt: Attempt, route: Route, amounts: LineAmounts) -> ItemAnswer:
    """What whoever sent or assigned the item is told."""
    payer_decision = route.payer_decision
    line_status, reason = LINE_STATUS[amounts.outcome]
    cost = amounts.provider_cost
    return ItemAnswer(
        attempt.attempt_id,
        "accepted",
        None,
        format_amount(amounts.charged) if amounts.charged else _ZERO,
        None if cost is None else format_amount(cost),
        payer_decision.payer,
        payer_decision.payer_reason,
        payer_decision.mode,
        payer_decision.mode_source,
        line_status,
        reason,
        route.hold.hold_state if route.hold else None,
    )


def _line(attempt: Attempt, route: Route, amounts: LineAmounts) -> ChargeLine:
    detail = attempt.detail
    if amounts.suspense is not None or amounts.rating is not None:
        detail = replace(detail or PLAIN, suspense=amounts.suspense, rating=amounts.rating)
    if route.hold is not None:
        detail = replace(detail or PLAIN, hold=route.hold)
    if route.accounting_month is not None:
        detail = replace(detail or PLAIN, accounting_month=route.accounting_month)
    return ChargeLine(
        attempt.attempt_id,
        attempt.occurred_at,
        route.decision_index,
        route.price_index,
        amounts.outcome,
        attempt.input,
        attempt.cache_read,
        attempt.output,
        amounts.charged,
        amounts.provider_cost,
        detail,
    )
