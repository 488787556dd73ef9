"""Notices a consumer that stays silent while its partitions have more: such clients have been seen to hang."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from usage_ledger.adapters.kafka.group_consumer import Place


class Watchdog:
    """Times are seconds of a monotonic clock. One silent look is no proof: records may just have arrived."""

    def __init__(self, now: float, stall_s: float) -> None:
        self._stall_s = stall_s
        self._quiet_since = now
        self._seen: Mapping[Place, int] = {}

    def heard(self, now: float) -> None:
        """Records came: there is nothing to suspect."""
        self._quiet_since = now
        self._seen = {}

    def is_stalled(self, now: float, behind: Callable[[], Mapping[Place, int]]) -> bool:
        """``behind`` asks Kafka for the next offset of each partition that has more. Asked once in ``stall_s``."""
        if now - self._quiet_since < self._stall_s:
            return False
        self._quiet_since = now
        before, self._seen = self._seen, dict(behind())
        return any(before.get(place) == offset for place, offset in self._seen.items())
