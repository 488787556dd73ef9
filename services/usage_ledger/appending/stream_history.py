"""What happened to a stream since an instant, read under the lock, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.deciding import Holder
from usage_ledger.store import Batch, PlacedEvent, Transaction

_PAGE: Final = 100
"""Events may have 256 KB each."""


def stream_history(
    transaction: Transaction, batch: Batch, shard: int, stream_id: str, recorded_since: int
) -> Iterator[Holder]:
    """From the store and from what this transaction is about to write, oldest first."""
    version = 0
    while page := transaction.stream_since(shard, stream_id, version, recorded_since, _PAGE):
        yield from map(_holder, page)
        version = page[-1].stored.originator_version
    yield from [_holder(event) for event in batch.events if event.stored.originator_id == stream_id]


def _holder(event: PlacedEvent) -> Holder:
    envelope, payload = decode_state(event.stored.state)
    return Holder(event.position, envelope, payload)
