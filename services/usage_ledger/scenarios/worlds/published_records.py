"""What the store holds as the topic would deliver it, for worlds without Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg

from usage_ledger_schemas import codec

# Offsets of a partition count from zero, positions from one: without holes one tells the other.
_EVENTS: Final = """
    SELECT shard, position - 1, stream_id, stream_version, position, fingerprint, body
      FROM ledger.events WHERE shard = %s AND position > %s ORDER BY position LIMIT %s
"""

_PAGE: Final = 1_000


class PublishedRecord(NamedTuple):
    """A record as the topic would deliver it."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def published_after(store: psycopg.Connection[Any], shard: int, offset: int) -> Iterator[PublishedRecord]:
    """A page of a shard's events; ``offset`` is that of the first one. Empty at the end."""
    for partition, at, stream_id, version, position, *stored in store.execute(_EVENTS, (shard, offset, _PAGE)):
        headers = [("version", version.to_bytes(8, "big")), ("position", position.to_bytes(8, "big"))]
        yield PublishedRecord(partition, at, stream_id.encode(), codec.frame(*stored), headers)
