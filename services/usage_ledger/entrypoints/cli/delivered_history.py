"""History from the store in the shape in which the topic delivers it, so that the read side folds both alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection

from usage_ledger.adapters.postgres.stored_history import StoredRow, last_versions, shard_pages, stream_pages
from usage_ledger_schemas import codec
from usage_ledger_views.projecting.record import Delivered
from usage_ledger_views.replaying.stored_history import Selection


class DeliveredHistory:
    """The read side's ``StoredHistory`` on one connection, whose transaction decides what is seen."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def shard(self, shard: int, until: int, selection: Selection) -> Iterator[list[Delivered]]:
        return map(_delivered, shard_pages(self._connection, shard, until, selection.tenant, selection.names))

    def stream(self, shard: int, stream_id: str, after_version: int, until: int) -> Iterator[list[Delivered]]:
        return map(_delivered, stream_pages(self._connection, shard, stream_id, after_version, until))

    def last_versions(self, shard: int, until: int) -> Iterator[tuple[str, int]]:
        return last_versions(self._connection, shard, until)


def _delivered(page: Sequence[StoredRow]) -> list[Delivered]:
    # The relay publishes positions without a hole, from offset 0 on.
    return [
        Delivered(
            shard=row.shard,
            offset=row.position - 1,
            stream_id=row.stream_id,
            version=row.stream_version,
            position=row.position,
            value=codec.frame(row.fingerprint, row.body),
        )
        for row in page
    ]
