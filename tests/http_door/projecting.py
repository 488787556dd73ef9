"""Events from the store straight into the views: what relay, Kafka and projector do, without the way."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo

from usage_ledger_schemas import codec
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.views import VIEWS

SHARDS = 4

# Offsets on a partition count from zero, positions from one: without holes one tells the other.
_EVENTS = """
SELECT shard, position - 1, stream_id, stream_version, position, fingerprint, body
  FROM ledger.events WHERE shard = %s AND position > %s ORDER BY position
"""


class Published(NamedTuple):
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def project(database: str) -> None:
    """Everything that the store has and the views do not."""
    projector = make_conninfo(database, user="ledger_projector")
    with psycopg.connect(database) as store, psycopg.connect(projector, autocommit=True) as connection:
        writer = BatchWriter(connection, VIEWS, range(SHARDS))
        for shard, offset in list(writer.offsets.items()):
            records = [_published(*row) for row in store.execute(_EVENTS, (shard, offset))]
            if records:
                writer.write(records)


def _published(shard: int, offset: int, stream_id: str, version: int, position: int, *stored: Any) -> Published:
    headers = [("version", version.to_bytes(8, "big")), ("position", position.to_bytes(8, "big"))]
    return Published(shard, offset, stream_id.encode(), codec.frame(*stored), headers)
