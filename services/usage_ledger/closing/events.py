"""What is recorded of accounting months."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class MonthClosed(EventPayload, frozen=True):
    """Usage of this month (``YYYY-MM``, UTC) that is recorded from now on posts to the first open month (U6)."""

    month: str
    closed_at: int
