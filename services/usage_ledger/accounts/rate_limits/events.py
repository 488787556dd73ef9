"""What was set of an account's rate limits. The state of the limiter is no fact: it lives in memory (L8)."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class RateLimitSet(EventPayload, frozen=True):
    """``limit`` holds in ``period_micros``, ``burst`` of them at once; ``limit`` None: no rate limit any more (L7)."""

    account_id: str
    capability: str
    limit: int | None
    period_micros: int
    burst: int
