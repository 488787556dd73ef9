"""What a store on Postgres has come to, read from its events."""

from __future__ import annotations

from collections import Counter
from typing import Any

from psycopg import Connection

from usage_ledger.accounts.events import SuspendedUsageRated, UsageRecorded
from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.recorded_event import EventPayload

_EVENTS = "SELECT fingerprint || body FROM ledger.events WHERE stream_id = %s ORDER BY stream_version"
_BEHIND = """
    SELECT count(*) FROM ledger.shards AS shard LEFT JOIN ledger.reactor_checkpoints AS checkpoint USING (shard)
     WHERE shard.last_position > coalesce(checkpoint.position, 0)
"""


def events_of(connection: Connection[Any], stream_id: str) -> list[EventPayload]:
    return [decode_state(bytes(row[0]))[1] for row in connection.execute(_EVENTS, (stream_id,))]


def charges(connection: Connection[Any], stream_id: str = "acme/account-main") -> dict[str, int]:
    """Nano-units by attempt, added up over all events of an account."""
    total: Counter[str] = Counter()
    for event in events_of(connection, stream_id):
        if isinstance(event, UsageRecorded | SuspendedUsageRated):
            for line in event.lines:
                total[line.attempt_id] += line.charged
    return dict(total)


def has_reacted_to_all(connection: Connection[Any]) -> bool:
    row = connection.execute(_BEHIND).fetchone()
    return row is not None and row[0] == 0
