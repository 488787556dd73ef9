"""Time and event ids, from the machine. The domain gets both as arguments."""

from __future__ import annotations

import random
import time
from typing import Protocol

_CHANCE = random.Random()  # noqa: S311 - for ids, which are no secrets
"""Seeded by the operating system once. Asking it for every id would give the interpreter's lock away each time, and the
thread that has it next keeps it for milliseconds."""


class Clock(Protocol):
    """A port, so that tests and scenarios run under a virtual clock."""

    def now(self) -> int:
        """Microseconds UTC."""
        ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000


def random_id() -> str:
    """128 bits as hexadecimal text. For names that must be unique, never for secrets."""
    return f"{_CHANCE.getrandbits(128):032x}"


def event_id(recorded_at: int) -> bytes:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits, so ids sort by time of recording."""
    value = (recorded_at // 1_000 & 0xFFFFFFFFFFFF) << 80 | _CHANCE.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return value.to_bytes(16, "big")
