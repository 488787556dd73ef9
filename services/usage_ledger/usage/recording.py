"""RecordUsage: every item is judged by itself, then what is to be kept is recorded, in one event per payer (U4, U5).

Usage is a fact. It is never refused for lack of credit, budget or price; what cannot be booked is kept raw.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from usage_ledger.accounts.events import ChargeLine
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal
from usage_ledger.usage.answer import LINE_STATUS, ItemAnswer, UsageAnswer, usage_answer
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.events import Disposition
from usage_ledger.usage.line_amounts import LineAmounts, line_amounts
from usage_ledger.usage.quarantine import Quarantine
from usage_ledger.usage.route import Hindrance, Route
from usage_ledger.usage.routing import Routing

FUTURE_MICROS: Final = 300_000_000
LATE_MICROS: Final = 35 * 86_400_000_000

_ZERO: Final = format_amount(0)


def record_usage(command: RecordUsage, decision: Decision) -> UsageAnswer:
    """Record the attempts of a command (U3-U13).

    Raises ``Refusal('item_refused')`` when it is atomic and an item is rejected, in conflict or quarantined; nothing
    is recorded then.
    """
    recording = _Recording(command, decision)
    items = [recording.judge(attempt) for attempt in command.attempts]
    if command.atomic:
        _require_all(items)
    return usage_answer(items, *recording.record())


def _require_all(items: list[ItemAnswer]) -> None:
    for item in items:
        if item.code is not None:
            raise Refusal("item_refused", "the command is atomic, and an item of it is not", {item.id: item.code})


class _Recording:
    """One command being judged. Nothing is recorded before ``record``."""

    def __init__(self, command: RecordUsage, decision: Decision) -> None:
        attempts = command.attempts
        self._decision = decision
        self._latest = decision.recorded_at + FUTURE_MICROS
        self._earliest = decision.recorded_at - LATE_MICROS
        self._taken = dict(decision.known_attempts([attempt.key for attempt in attempts]))
        self._routing = Routing(decision, dict.fromkeys([attempt.workspace_id for attempt in attempts]))
        self._quarantine = Quarantine()

    def judge(self, attempt: Attempt) -> ItemAnswer:
        """Decide one item, in this order: understood, known, its time, its workspace, who pays, its price."""
        if attempt.problem is not None:
            return self._keep(attempt, "rejected", attempt.problem)
        content = self._taken.get(attempt.key)
        if content is not None:
            return _known(attempt, content)
        if not self._earliest <= attempt.occurred_at <= self._latest:
            is_future = attempt.occurred_at > self._latest
            return self._keep(attempt, "rejected", "occurred_in_future" if is_future else "outside_late_window")
        route = self._routing.route(attempt)
        if isinstance(route, Hindrance):
            return self._keep(attempt, route.disposition, route.reason)
        return self._book(attempt, route)

    def record(self) -> tuple[str | None, str | None]:
        """Append the events. Answers what was charged and its currency, where all payers have the same."""
        bookings = [booking for booking in self._routing.bookings if booking.draft.lines]
        for booking in bookings:
            booking.record(self._decision)
        self._quarantine.record(self._decision)
        currencies = {booking.currency for booking in bookings if booking.currency}
        if len(currencies) != 1:
            return (_ZERO, None) if bookings and not currencies else (None, None)
        return format_amount(sum([booking.charged for booking in bookings])), currencies.pop()

    def _keep(self, attempt: Attempt, disposition: Disposition, reason: str) -> ItemAnswer:
        self._quarantine.keep(attempt, disposition, reason)
        if disposition == "rejected":
            return ItemAnswer(attempt.attempt_id, "rejected", reason)
        self._taken[attempt.key] = attempt.content
        return ItemAnswer(attempt.attempt_id, "quarantined", reason)

    def _book(self, attempt: Attempt, route: Route) -> ItemAnswer:
        try:
            amounts = line_amounts(attempt, route)
            if amounts.charged or amounts.suspense:
                route.booking.take(amounts.charged, amounts.suspense or 0)
        except Refusal as refusal:
            return self._keep(attempt, "rejected", refusal.code)
        draft = route.draft_for(attempt.line_bytes)
        draft.add(attempt, _line(attempt, route, amounts), amounts.suspense or 0, route.payer_decision.capability)
        self._taken[attempt.key] = attempt.content
        return _accepted(attempt, route, amounts)


def _known(attempt: Attempt, content: bytes) -> ItemAnswer:
    """The attempt was taken before, or earlier in this command: the first stays (U3)."""
    if content == attempt.content:
        return ItemAnswer(attempt.attempt_id, "duplicate")
    return ItemAnswer(attempt.attempt_id, "conflict", "idempotency_conflict")


def _line(attempt: Attempt, route: Route, amounts: LineAmounts) -> ChargeLine:
    detail = attempt.detail
    if amounts.suspense is not None and detail is not None:
        detail = replace(detail, suspense=amounts.suspense)
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


def _accepted(attempt: Attempt, route: Route, amounts: LineAmounts) -> ItemAnswer:
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
    )
