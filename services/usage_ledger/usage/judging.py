"""JudgeWaitingUsage: a fact arrived, so what waited for it is judged again and, if it can be, booked (U5).

An item was in time when it was received, so its time is not judged again. Everything else is as if it came now: mode
and payer as of its occurred_at, prices as they are known, lots as they are. An item that still cannot be booked goes on
waiting, its id taken, whatever the reason has become.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import quarantine_stream
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.booked_line import book_line
from usage_ledger.usage.booking import Booking, record_held
from usage_ledger.usage.commands import JudgeWaitingUsage
from usage_ledger.usage.events import JudgedItem, WaitingUsageJudged
from usage_ledger.usage.kept_usage import waiting_usage
from usage_ledger.usage.route import Hindrance
from usage_ledger.usage.routing import Routing


class WaitingUsageAnswer(msgspec.Struct, frozen=True):
    """How many items were booked, and how many wait for another reason than before."""

    booked: int
    waiting: int


def judge_waiting_usage(command: JudgeWaitingUsage, decision: Decision) -> WaitingUsageAnswer:
    """Book what can be booked; what was booked or discarded meanwhile is left alone. Refuses nothing."""
    waiting = waiting_usage(decision, command.keys)
    routing = Routing(decision, [attempt for attempt, _ in waiting])
    judged = [(attempt, _book(attempt, routing), reason) for attempt, reason in waiting]
    booked = record_held(routing.bookings, decision)
    items = [_judged(attempt, now, booked) for attempt, now, before in judged if now != before]
    if items:
        decision.record(quarantine_stream(decision.tenant), WaitingUsageJudged(tuple(items)))
    return WaitingUsageAnswer(len(booked), len(items) - len(booked))


def _book(attempt: Attempt, routing: Routing) -> str | None:
    """Why it still waits; None when its line is in the draft of its payer's event."""
    route = routing.route(attempt)
    if isinstance(route, Hindrance):
        return route.reason
    try:
        book_line(attempt, route)
    except Refusal as refusal:
        return refusal.code
    return None


def _judged(attempt: Attempt, reason: str | None, booked: Mapping[bytes, tuple[Booking, int]]) -> JudgedItem:
    if reason is not None:
        return JudgedItem(attempt.attempt_id, attempt.source, attempt.workspace_id, "waiting", None, None, reason)
    booking, position = booked[attempt.key]
    payer = booking.account.account_id if booking.account else None
    return JudgedItem(attempt.attempt_id, attempt.source, attempt.workspace_id, "booked", payer, position, None)
