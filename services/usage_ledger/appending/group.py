"""One transaction's worth of commands: what was read under the lock, and what will be written before it is released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import Any, get_args

from eventsourcing.persistence import StoredEvent

from usage_ledger.accounts.holds.events import HoldPlaced
from usage_ledger.adapters.avro_mapper import FINGERPRINT_BYTES, encode_state
from usage_ledger.appending.attempt_holders import find_holders
from usage_ledger.appending.business_keys import BusinessKeys
from usage_ledger.appending.due_rows import index_due, next_due_of
from usage_ledger.appending.hold_rows import Holds, index_hold, placed_hold
from usage_ledger.appending.key_rows import index_key
from usage_ledger.appending.platform_facts import PlatformFacts
from usage_ledger.appending.quarantine_rows import index_quarantine
from usage_ledger.appending.rate_limiter import RateLimiter
from usage_ledger.appending.source_rows import index_sources
from usage_ledger.appending.stream_cache import Head, Restorable, StreamCache
from usage_ledger.appending.stream_history import stream_history
from usage_ledger.appending.suspense_rows import index_suspense
from usage_ledger.appending.workspace_rows import index_workspace
from usage_ledger.deciding import Holder, HoldFound, Kept, StreamUnreadable
from usage_ledger.leaf import leaf_hash
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.snapshots import is_due
from usage_ledger.store import (
    AttemptRow,
    Batch,
    CommandRow,
    PlacedEvent,
    QuarantineRow,
    Snapshot,
    Transaction,
)
from usage_ledger.streams import is_fact, shard_of, tenant_of
from usage_ledger.usage.events import Disposition
from usage_ledger.workspaces.mode_sources import ReadersAt

DISPOSITIONS = get_args(Disposition)

EventIds = Callable[[int], bytes]
"""From recorded_at (microseconds UTC) to 16 bytes of UUIDv7."""


class Group:
    """The commands that share one transaction, in the order in which they are decided."""

    def __init__(
        self,
        transaction: Transaction,
        cache: StreamCache,
        facts: PlatformFacts,
        shard_count: int,
        now: int,
        event_ids: EventIds,
        limiter: RateLimiter,
        fact_readers: ReadersAt,
    ) -> None:
        self.fact_readers = fact_readers
        self.limiter = limiter
        self.transaction = transaction
        self.facts = facts
        self.batch = Batch()
        self.holds = Holds(transaction, self.batch)
        self.business_keys = BusinessKeys(transaction, self.batch)
        self.recorded_at = max(now, *(state.last_recorded_at for state in transaction.shards.values()))
        self.positions = {shard: state.last_position for shard, state in transaction.shards.items()}
        self.item_statuses: Counter[str] = Counter()
        self.due_events = 0
        self.known_attempts = transaction.known.attempts
        self.known_commands = transaction.known.commands
        self._loaded_versions: dict[str, int] = {}
        self._cache = cache
        self._shard_count = shard_count
        self._event_ids = event_ids
        cache.catch_up(transaction)
        facts.catch_up(transaction)

    def shard_of(self, tenant: str) -> int:
        return _shard_of(tenant, self._shard_count)

    def aggregate(self, kind: type[Any], stream_id: str) -> Restorable:
        """Raises StreamUnreadable where one of the stream's events cannot be decoded."""
        shard = self.shard_of(tenant_of(stream_id))
        head = self._cache.find(shard, stream_id)
        if head is not None and head.aggregate is not None:
            return head.aggregate
        self._load(kind, shard, (stream_id,))
        aggregate = self._cache.load_head(self.transaction, shard, stream_id).aggregate
        if aggregate is None:
            raise StreamUnreadable(stream_id)
        return aggregate

    def preload(self, kind: type[Any], tenant: str, stream_ids: Iterable[str]) -> None:
        """Streams of one tenant, so of one shard."""
        self._load(kind, self.shard_of(tenant), stream_ids)

    def _load(self, kind: type[Restorable], shard: int, stream_ids: Iterable[str]) -> None:
        """From the store, and then what this group appended before anybody asked for the state."""
        loaded = self._cache.load_aggregates(self.transaction, shard, kind, stream_ids)
        pending = self._loaded_versions.keys() & loaded
        for event in self.batch.events if pending else ():
            if event.stored.originator_id in pending:
                self._cache.load_head(self.transaction, shard, str(event.stored.originator_id)).follow(event)

    def new_event_id(self) -> bytes:
        return self._event_ids(self.recorded_at)

    def append(self, stream_id: str, envelope: Envelope, payload: EventPayload) -> int:
        """Place one event at the end of its stream and its shard; answers its position."""
        shard = self.shard_of(tenant_of(stream_id))
        head = self._cache.load_head(self.transaction, shard, stream_id)
        position = self.positions[shard] + 1
        stored = StoredEvent(
            stream_id, head.version + 1, type(payload).__name__, encode_state(type(payload).__name__, envelope, payload)
        )
        self._place(shard, position, head, stored)
        self._fold(shard, envelope.tenant, head, payload)
        if is_fact(stream_id):
            self.facts.follow(stream_id, position, payload, self.recorded_at)
            self.batch.facts.append(position)
        self._index(shard, position, envelope, payload)
        return position

    def claim_attempts(self, attempts: Iterable[tuple[bytes, bytes]], shard: int, position: int) -> None:
        rows = [AttemptRow(key, content, shard, position) for key, content in attempts]
        self.batch.attempts += rows
        self.known_attempts.update((row.key, row.content) for row in rows)

    def move_attempts(self, keys: Iterable[bytes], position: int) -> None:
        self.batch.attempts_moved.update(dict.fromkeys(keys, position))

    def holders(self, shard: int, keys: Iterable[bytes]) -> dict[bytes, Holder]:
        return find_holders(self.transaction, self.batch, shard, keys)

    def history(self, stream_id: str, recorded_since: int) -> Iterator[Holder]:
        shard = self.shard_of(tenant_of(stream_id))
        return stream_history(self.transaction, self.batch, shard, stream_id, recorded_since)

    def quarantined(self, keys: Iterable[bytes]) -> dict[tuple[bytes, str], Kept]:
        """From the store, as this group has changed it."""
        wanted = list(keys)
        rows: dict[tuple[bytes, str], QuarantineRow | None] = {
            row[:2]: row for row in self.transaction.quarantined(wanted)
        }
        changed = self.batch.quarantined
        rows.update((at, changed[at]) for at in product(wanted, DISPOSITIONS) if at in changed)
        return {at: Kept(row.workspace_id, row.reason) for at, row in rows.items() if row is not None}

    def placed_hold(self, tenant: str, hold: HoldFound) -> HoldPlaced:
        return placed_hold(self.transaction, self.batch, self.shard_of(tenant), hold.position)

    def remember_command(self, row: CommandRow) -> None:
        self.known_commands[row.digest] = row
        self.batch.commands.append(row)

    def write(self) -> None:
        """The fifth beat; the commit follows when the transaction's block ends."""
        self._take_snapshots()
        if self.batch.events or self.batch.commands:
            self.transaction.write(self.batch)

    def _place(self, shard: int, position: int, head: Head, stored: StoredEvent) -> None:
        stream_id, version, state = str(stored.originator_id), stored.originator_version, stored.state
        fingerprint, body = state[:FINGERPRINT_BYTES], state[FINGERPRINT_BYTES:]
        leaf = leaf_hash(shard, position, stream_id, version, fingerprint, head.leaf, body)
        self.batch.events.append(PlacedEvent(shard, position, self.recorded_at, head.leaf, leaf, stored))
        self.positions[shard] = position
        self._loaded_versions.setdefault(stream_id, head.version)
        head.version, head.leaf = version, leaf

    def _index(self, shard: int, position: int, envelope: Envelope, payload: EventPayload) -> None:
        """Index rows that follow from the event."""
        index_key(self.batch, envelope, payload)
        index_quarantine(self.batch, envelope, payload)
        index_suspense(self.batch, shard, envelope, payload)
        index_sources(self.batch, envelope, payload)
        index_hold(self.batch, envelope, payload, position)
        index_workspace(self.batch, shard, envelope, payload)

    def _fold(self, shard: int, tenant: str, head: Head, payload: EventPayload) -> None:
        aggregate = head.aggregate
        if aggregate is not None:
            due_before = next_due_of(aggregate)
            aggregate.apply(payload, self.recorded_at)
            aggregate.version = head.version
            index_due(self.batch, shard, tenant, aggregate, due_before)

    def _take_snapshots(self) -> None:
        for stream_id, before in self._loaded_versions.items():
            shard = self.shard_of(tenant_of(stream_id))
            head = self._cache.find(shard, stream_id)
            if head is not None and head.aggregate is not None and is_due(before, head.version):
                self.batch.snapshots.append(Snapshot(stream_id, head.version, head.leaf, head.aggregate.snapshot()))


@lru_cache(maxsize=65_536)
def _shard_of(tenant: str, shards: int) -> int:
    return shard_of(tenant, shards)
