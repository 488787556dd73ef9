"""CloseMonth: usage of the month that comes later posts to the first open one, and says so (U6)."""

from __future__ import annotations

import msgspec

from usage_ledger.closing.closed_months import ClosedMonths
from usage_ledger.closing.commands import CloseMonth
from usage_ledger.closing.events import MonthClosed
from usage_ledger.deciding import Decision
from usage_ledger.months import first_instant, is_month, next_month
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import months_stream


class MonthAnswer(msgspec.Struct, frozen=True):
    """Which month is closed."""

    month: str


def close_month(command: CloseMonth, decision: Decision) -> MonthAnswer:
    """Close a month of UTC that is over. It is not opened again.

    Raises ``Refusal``: ``month_not_over``, ``already_closed``. Raises ``InvalidInput('invalid_value')`` for a text that
    is no month.
    """
    month = command.month
    if not is_month(month):
        raise InvalidInput("invalid_value", "expected a month such as 2026-05", "/month")
    if decision.recorded_at < first_instant(next_month(month)):
        raise Refusal("month_not_over", "a month is closed when it is over")
    stream = months_stream()
    if month in decision.get(ClosedMonths, stream).closed:
        raise Refusal("already_closed", "the month was closed before")
    decision.record(stream, MonthClosed(month, decision.recorded_at))
    return MonthAnswer(month)
