"""The generic cell rate algorithm: calls at an even rate, and a burst of them at once (L7). Pure integers.

Times are kept in units of a microsecond divided by the limit, so that the interval between two calls, the period
divided by the limit, is whole.
"""

from __future__ import annotations

import msgspec

_SECOND = 1_000_000


class RateLimit(msgspec.Struct, frozen=True, gc=False):
    """``limit`` calls in ``period_micros``, at most ``burst`` of them at once."""

    limit: int
    period_micros: int
    burst: int

    def admit(self, arrival: int | None, now: int) -> tuple[int, int]:
        """The theoretical arrival time of the next call, and for how many seconds this one has to wait: 0 admits it.

        ``arrival`` is what the call before was answered with, None before the first; ``now`` is microseconds UTC. What
        is refused moves nothing.
        """
        instant = now * self.limit
        expected = instant if arrival is None else arrival
        early = expected - self.period_micros * (self.burst - 1) - instant
        if early > 0:
            return expected, -(-early // (self.limit * _SECOND))
        return max(instant, expected) + self.period_micros, 0
