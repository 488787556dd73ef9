"""Which event holds an attempt, asked under the lock: the index says where it is, the event says how it stands."""

from __future__ import annotations

from collections.abc import Iterable

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.deciding import Holder
from usage_ledger.store import Batch, PlacedEvent, Transaction


def find_holders(transaction: Transaction, batch: Batch, shard: int, keys: Iterable[bytes]) -> dict[bytes, Holder]:
    """By key, from the store and from what this transaction is about to write. Unknown keys are left out."""
    wanted = list(keys)
    if not wanted:
        return {}
    positions = _positions(transaction, batch, wanted)
    pending = {event.position: event for event in batch.events if event.shard == shard}
    stored = sorted(set(positions.values()) - pending.keys())
    holders = {event.position: _holder(event) for event in transaction.events_at(shard, stored)} if stored else {}
    holders.update((at, _holder(pending[at])) for at in set(positions.values()) & pending.keys())
    return {key: holders[position] for key, position in positions.items()}


def _positions(transaction: Transaction, batch: Batch, keys: list[bytes]) -> dict[bytes, int]:
    positions = transaction.attempt_positions(keys)
    wanted = set(keys)
    positions.update((row.key, row.position) for row in batch.attempts if row.key in wanted)
    positions.update((key, batch.attempts_moved[key]) for key in wanted & batch.attempts_moved.keys())
    return positions


def _holder(event: PlacedEvent) -> Holder:
    envelope, payload = decode_state(event.stored.state)
    return Holder(event.position, envelope, payload)
