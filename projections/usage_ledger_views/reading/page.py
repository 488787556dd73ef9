"""Pages of a list: a bounded number of items and an opaque cursor to the next ones."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Generic, TypeVar

import msgspec

from usage_ledger_views.reading.as_of import AsOf

DEFAULT_LIMIT = 50
MAX_LIMIT = 250

_NUL = rb"\u0000"

Item = TypeVar("Item")
Key = TypeVar("Key")


class InvalidCursor(ValueError):
    """The text is no cursor of this list."""


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """``next`` is None on the last page."""

    items: tuple[Item, ...]
    next: str | None
    as_of: AsOf
    incomplete: bool


def clamp(limit: int | None) -> int:
    """50 by default, 1 to 250 (R)."""
    return DEFAULT_LIMIT if limit is None else max(1, min(MAX_LIMIT, limit))


def cursor_after(key: object) -> str:
    """A cursor that continues after the item with this key."""
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def key_of(cursor: str, key_type: type[Key]) -> Key:
    """The key that a cursor was made from. Raises InvalidCursor."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if _NUL in text:
            raise InvalidCursor("no key of a list holds NUL, which Postgres has no text for")
        return msgspec.json.decode(text, type=key_type)
    except (ValueError, msgspec.DecodeError) as error:
        raise InvalidCursor("not a cursor of this list") from error


def cut(rows: list[Any], limit: int) -> tuple[list[Any], bool]:
    """Of ``limit`` + 1 rows that were asked for: those of the page, and whether there are more."""
    return rows[:limit], len(rows) > limit
