"""Reads history from the event store a page at a time, as the bytes that were stored: for replay and repair.

It decodes nothing, so a body that nobody can read is named by whoever folds it. Pages need an open transaction, whose
snapshot is what they show. Every function raises psycopg.Error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final, LiteralString, NamedTuple

from psycopg import Connection

PAGE_EVENTS: Final = 2_000
PAGE_BYTES: Final = 4 * 1024 * 1024
FETCHED_EVENTS: Final = 100
"""Fetched at a time: 25 MB, should all of them be as large as an event may be."""

_cursor_numbers = count(1)

# A shard in the order of positions. Streams are chosen by their tenant, by what follows it, by both or not at all.
_SHARD: Final = """
SELECT shard, position, stream_id, stream_version, fingerprint, body FROM ledger.events
 WHERE shard = %(shard)s AND position <= %(until)s
   AND (%(tenant)s::text IS NULL OR split_part(stream_id, '/', 1) = %(tenant)s)
   AND (%(names)s::text[] IS NULL OR substr(stream_id, strpos(stream_id, '/') + 1) = ANY (%(names)s))
 ORDER BY position
"""

# A stream after a version, as far as a position.
_STREAM: Final = """
SELECT shard, position, stream_id, stream_version, fingerprint, body FROM ledger.events
 WHERE shard = %(shard)s AND stream_id = %(stream_id)s AND stream_version > %(after)s AND position <= %(until)s
 ORDER BY stream_version
"""

# Every stream of a shard, as far as a position.
_LAST_VERSIONS: Final = """
SELECT stream_id, max(stream_version) FROM ledger.events WHERE shard = %s AND position <= %s GROUP BY stream_id
"""

# Where the shards stand.
_LAST_POSITIONS: Final = "SELECT shard, coalesce(max(position), 0) FROM ledger.events GROUP BY shard"

# When the event at a position was recorded.
_RECORDED_AT: Final = "SELECT recorded_at FROM ledger.events WHERE shard = %s AND position = %s"


class StoredRow(NamedTuple):
    """An event as it is stored."""

    shard: int
    position: int
    stream_id: str
    stream_version: int
    fingerprint: bytes
    body: bytes


def shard_pages(
    connection: Connection[Any], shard: int, until: int, tenant: str | None, names: Sequence[str] | None
) -> Iterator[list[StoredRow]]:
    """The events of a shard up to a position, of one tenant or stream names only if they are given."""
    chosen = None if names is None else list(names)
    return _pages(connection, _SHARD, {"shard": shard, "until": until, "tenant": tenant, "names": chosen})


def stream_pages(
    connection: Connection[Any], shard: int, stream_id: str, after_version: int, until: int
) -> Iterator[list[StoredRow]]:
    """The events of a stream after a version, up to a position of its shard."""
    place = {"shard": shard, "stream_id": stream_id, "after": after_version, "until": until}
    return _pages(connection, _STREAM, place)


def last_versions(connection: Connection[Any], shard: int, until: int) -> Iterator[tuple[str, int]]:
    """Every stream of the shard with its last version at or before a position."""
    with connection.cursor(name="last_versions", binary=True) as cursor:
        yield from cursor.execute(_LAST_VERSIONS, (shard, until))


def last_positions(connection: Connection[Any]) -> dict[int, int]:
    """The last position of every shard that has events."""
    return dict(connection.execute(_LAST_POSITIONS).fetchall())


def last_position_by(connection: Connection[Any], shard: int, last_position: int, recorded_at: int) -> int:
    """The last position recorded at or before a time (microseconds UTC), 0 if none was.

    Times never go back within a shard, so halving finds it without an index.
    """
    low, high = 0, last_position
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(_RECORDED_AT, (shard, middle)).fetchone()
        low, high = (middle, high) if row is not None and row[0] <= recorded_at else (low, middle - 1)
    return low


def _pages(connection: Connection[Any], query: LiteralString, values: dict[str, Any]) -> Iterator[list[StoredRow]]:
    """A server-side cursor, so that neither side holds more than a page."""
    with connection.cursor(name=f"history_{next(_cursor_numbers)}", binary=True) as cursor:
        cursor.itersize = FETCHED_EVENTS
        page: list[StoredRow] = []
        size = 0
        for row in map(StoredRow._make, cursor.execute(query, values)):
            page.append(row)
            size += len(row.body)
            if len(page) >= PAGE_EVENTS or size >= PAGE_BYTES:
                yield page
                page, size = [], 0
        if page:
            yield page
