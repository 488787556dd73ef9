"""Microseconds UTC as the text that the wire takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def as_wire_time(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).isoformat()
