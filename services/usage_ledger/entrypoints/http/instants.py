"""Instants at the edge: RFC 3339 outside, microseconds UTC inside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

import msgspec

from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.timeline import format_instant as format_micros

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 text with an offset, as msgspec reads it from a body."""

InstantOrNone = Instant | None

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)


def to_micros(instant: datetime) -> int:
    """Raises InvalidRequest ``invalid_value`` for an instant that no year of UTC from 1 to 9999 holds."""
    try:
        return (instant.astimezone(UTC) - _EPOCH) // _MICROSECOND
    except OverflowError:
        raise InvalidRequest("invalid_value", "a time lies within the years 1 to 9999 of UTC") from None


def format_micros_or_none(micros: int | None) -> str | None:
    return None if micros is None else format_micros(micros)


def parse_instant(text: str, name: str) -> int:
    """Microseconds UTC of a query parameter. Raises InvalidRequest ``invalid_value``."""
    try:
        return to_micros(msgspec.convert(text, Instant))
    except msgspec.ValidationError:
        raise InvalidRequest(
            "invalid_value", f"{name}: expected an RFC 3339 time such as 2026-05-01T00:00:00Z"
        ) from None


def parse_day(text: str, name: str) -> date:
    """A query parameter that names a day of UTC. Raises InvalidRequest ``invalid_value``."""
    try:
        return msgspec.convert(text, date)
    except msgspec.ValidationError:
        raise InvalidRequest("invalid_value", f"{name}: expected a day such as 2026-05-01") from None
