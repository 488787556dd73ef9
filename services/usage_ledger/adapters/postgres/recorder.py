"""The library's Postgres recorder for one shard of ``ledger.events``.

The stock recorder locks the whole table, takes positions from a sequence and works in a psycopg pipeline that hangs
for ever, holding its lock, once a statement is larger than the socket's buffers. Here the appender's transaction
inserts, under the shards' row locks and with positions that the appender counted, the events of all its shards in one
statement with binary arrays; a recorder only reads, and appending through it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder

from usage_ledger.adapters.avro_mapper import event_type_of
from usage_ledger.adapters.postgres.statements import SQL
from usage_ledger.store import PlacedEvent

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


class ShardRecorder(PostgresApplicationRecorder):
    """Positions are the library's notification ids. ``connect`` lends a connection for the library's reads."""

    def __init__(self, shard: int, connect: Connect) -> None:  # pyright: ignore[reportMissingSuperCall]
        # The stock constructor composes SQL for tables of its own and looks for composite types in the database.
        self.shard = shard
        self._connect = connect

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Raises ProgrammingError: nothing is appended but by the appender's transaction, under the shard's lock."""
        raise ProgrammingError("events are appended by the appender's transaction, under the shard's lock")

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        query = {
            "shard": self.shard,
            "stream_id": str(originator_id),
            "gt": gt,
            "lte": lte,
            "desc": desc,
            "limit": limit,
        }
        return [event.stored for event in self._select("select_stream_of_library", query)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        if topics:
            raise ProgrammingError("a shard is read whole: every reader must see every position")
        first = 1 if start is None else start if inclusive_of_start else start + 1
        query = {"shard": self.shard, "start": first, "stop": stop, "limit": limit}
        return [_notification(event) for event in self._select("select_positions_of_library", query)]

    def max_notification_id(self) -> int | None:
        with self._connect() as connection:
            row = connection.execute(SQL["select_last_position"], (self.shard,)).fetchone()
        return None if row is None else row[0]

    def _select(self, statement: str, query: dict[str, Any]) -> list[PlacedEvent]:
        with self._connect() as connection:
            return [placed_event(row) for row in connection.execute(SQL[statement], query)]


def placed_event(row: Sequence[Any]) -> PlacedEvent:
    shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, state = row
    stored = StoredEvent(stream_id, stream_version, event_type_of(state), state)
    return PlacedEvent(shard, position, recorded_at, prev_leaf, leaf, stored)


def _notification(event: PlacedEvent) -> Notification:
    stored = event.stored
    return Notification(stored.originator_id, stored.originator_version, stored.topic, stored.state, event.position)
