"""Puts recorded events into a real event store, as the appender would have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from usage_ledger.leaf import NO_LEAF, leaf_hash
from views.recorded import Recorded


def store(connection: Connection[Any], events: Iterable[Recorded]) -> None:
    """Append in one transaction; the shard's row moves with the events."""
    with connection.transaction():
        for event in events:
            connection.execute("INSERT INTO ledger.events VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", _row(event))
            connection.execute(
                "UPDATE ledger.shards SET last_position = %s, last_recorded_at = %s WHERE shard = %s",
                (event.position, event.recorded_at, event.shard),
            )


def leaf_of(event: Recorded) -> bytes:
    return leaf_hash(
        event.shard, event.position, event.stream_id, event.version, event.fingerprint, NO_LEAF, event.body
    )


def _row(event: Recorded) -> tuple[Any, ...]:
    place = (event.shard, event.position, event.stream_id, event.version, event.recorded_at)
    return (*place, event.fingerprint, NO_LEAF, leaf_of(event), event.body)
