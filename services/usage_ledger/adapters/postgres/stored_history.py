"""Reads history from the event store a page at a time, as the bytes that were stored: for replay and repair.

It decodes nothing, so a body that nobody can read is named by whoever folds it. Every method raises psycopg.Error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString, NamedTuple

from psycopg import Connection

PAGE_EVENTS: Final = 2_000

# A shard in the order of positions. Streams are chosen by their tenant, by what follows it, by both or not at all.
_SHARD: Final = """
SELECT shard, position, stream_id, stream_version, fingerprint, body FROM ledger.events
 WHERE shard = %(shard)s AND position > %(after)s AND position <= %(until)s
   AND (%(tenant)s::text IS NULL OR split_part(stream_id, '/', 1) = %(tenant)s)
   AND (%(names)s::text[] IS NULL OR substr(stream_id, strpos(stream_id, '/') + 1) = ANY (%(names)s))
 ORDER BY position LIMIT %(limit)s
"""

# A stream after a version, as far as a position.
_STREAM: Final = """
SELECT shard, position, stream_id, stream_version, fingerprint, body FROM ledger.events
 WHERE shard = %(shard)s AND stream_id = %(stream_id)s AND stream_version > %(after)s AND position <= %(until)s
 ORDER BY stream_version LIMIT %(limit)s
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
    values = {
        "shard": shard,
        "until": until,
        "tenant": tenant,
        "names": None if names is None else list(names),
        "limit": PAGE_EVENTS,
    }
    after = 0
    while page := _page(connection, _SHARD, {**values, "after": after}):
        yield page
        after = page[-1].position


def stream_pages(
    connection: Connection[Any], shard: int, stream_id: str, after_version: int, until: int
) -> Iterator[list[StoredRow]]:
    """The events of a stream after a version, up to a position of its shard."""
    values = {"shard": shard, "stream_id": stream_id, "until": until, "limit": PAGE_EVENTS}
    while page := _page(connection, _STREAM, {**values, "after": after_version}):
        yield page
        after_version = page[-1].stream_version


def last_versions(connection: Connection[Any], shard: int, until: int) -> Iterator[tuple[str, int]]:
    """Every stream of the shard with its last version at or before a position. Needs an open transaction."""
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


def _page(connection: Connection[Any], query: LiteralString, values: dict[str, Any]) -> list[StoredRow]:
    cursor = connection.cursor(binary=True)
    return [StoredRow._make(row) for row in cursor.execute(query, values)]
