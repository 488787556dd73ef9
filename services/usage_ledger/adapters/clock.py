"""Time and event ids, from the machine. The domain gets both as arguments."""

from __future__ import annotations

import os
import time
from typing import Protocol


class Clock(Protocol):
    """A port, so that tests and scenarios run under a virtual clock."""

    def now(self) -> int:
        """Microseconds UTC."""
        ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000


def event_id(recorded_at: int) -> bytes:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits, so ids sort by time of recording."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (recorded_at // 1_000 & 0xFFFFFFFFFFFF) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return value.to_bytes(16, "big")
