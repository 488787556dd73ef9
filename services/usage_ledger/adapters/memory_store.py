"""The event store in memory, over the library's own POPO recorder: for domain tests and rehearsals, never for a user.

It keeps the same promises as Postgres within one process, so the same contract tests run on both.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from eventsourcing.popo import POPOApplicationRecorder
from msgspec.structs import replace

from usage_ledger.adapters.shard_application import ShardApplication
from usage_ledger.keys.registered_key import RegisteredKey
from usage_ledger.store import (
    AttemptRow,
    Batch,
    BusinessKeyRow,
    CommandRow,
    DueRow,
    HoldRow,
    KeyIssued,
    Known,
    Named,
    NamedSourceRow,
    PlacedEvent,
    QuarantineRow,
    ShardState,
    Snapshot,
    SuspendedRow,
    WorkspaceRow,
)
from usage_ledger.streams import FACTS_SHARD
from usage_ledger.submission import Breaker

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=NamedTuple)


class MemoryStore:
    """``shards`` recorders behind one lock."""

    def __init__(self, shards: int = 4) -> None:
        self.shard_count = shards
        self.applications = [ShardApplication(POPOApplicationRecorder()) for _ in range(shards)]
        self.placed: list[list[PlacedEvent]] = [[] for _ in range(shards)]
        self.by_stream: dict[str, list[PlacedEvent]] = {}
        self.facts: list[int] = []
        self.commands: dict[bytes, CommandRow] = {}
        self.attempts: dict[bytes, AttemptRow] = {}
        self.quarantined: dict[tuple[bytes, str], QuarantineRow] = {}
        self.suspended: dict[bytes, SuspendedRow] = {}
        self.due: dict[tuple[str, str], DueRow] = {}
        self.named_sources: set[NamedSourceRow] = set()
        self.workspaces: list[WorkspaceRow] = []
        self.holds: dict[bytes, HoldRow] = {}
        self.business_keys: dict[bytes, BusinessKeyRow] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.keys: dict[str, RegisteredKey] = {}
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self, shards: Iterable[int], named: Named = Named()) -> Generator[MemoryTransaction]:  # noqa: B008
        """What was written becomes visible at the end of the block, unless it raises."""
        with self._lock:
            transaction = MemoryTransaction(self, sorted(set(shards)), named)
            yield transaction
            self._apply(transaction.batch)

    def close(self) -> None:
        """Nothing to close."""

    def _apply(self, batch: Batch) -> None:
        for shard in {event.shard for event in batch.events}:
            placed = [event for event in batch.events if event.shard == shard]
            self.applications[shard].recorder.insert_events([event.stored for event in placed])
            self.placed[shard] += placed
        for event in batch.events:
            self.by_stream.setdefault(str(event.stored.originator_id), []).append(event)
        self.facts += batch.facts
        self.commands.update({row.digest: row for row in batch.commands})
        self._apply_attempts(batch)
        _put(self.quarantined, batch.quarantined)
        _put(self.suspended, batch.suspended)
        _put(self.due, batch.due)
        self.named_sources |= batch.named_sources
        self.workspaces += batch.workspaces
        self._apply_holds(batch)
        self._apply_keys(batch)
        self.business_keys.update({row.digest: row for row in batch.business_keys})
        self.snapshots.update({snapshot.stream_id: snapshot for snapshot in batch.snapshots})

    def _apply_holds(self, batch: Batch) -> None:
        self.holds.update(batch.holds_placed)
        for digest, state in batch.holds_closed.items():
            self.holds[digest] = self.holds[digest]._replace(state=state)

    def _apply_keys(self, batch: Batch) -> None:
        self.keys.update({key.key_id: _registered(key) for key in batch.keys_issued})
        for key_id, secret_hash, old_valid_until in batch.keys_rotated:
            self.keys[key_id] = self.keys[key_id].rotated(secret_hash, old_valid_until)
        for key_id, revoked_at in batch.keys_revoked:
            self.keys[key_id] = replace(self.keys[key_id], revoked_at=revoked_at)

    def _apply_attempts(self, batch: Batch) -> None:
        self.attempts.update({row.key: row for row in batch.attempts})
        for key, position in batch.attempts_moved.items():
            self.attempts[key] = self.attempts[key]._replace(position=position)


class MemoryTransaction:
    """See ``Transaction``."""

    def __init__(self, store: MemoryStore, shards: Sequence[int], named: Named) -> None:
        self._store = store
        holds = dict.fromkeys(named.holds) | self.holds(named.holds)
        claimed = dict.fromkeys(named.business_keys) | self.business_keys(named.business_keys)
        self.known = Known(self._commands(named.commands), self._attempts(named.attempts), holds, claimed)
        self.batch = Batch()
        self.shards: Mapping[int, ShardState] = {shard: self._state(shard) for shard in shards}
        self.facts_position = store.facts[-1] if store.facts else 0

    def _commands(self, digests: Sequence[bytes]) -> dict[bytes, CommandRow]:
        known = self._store.commands
        return {digest: known[digest] for digest in digests if digest in known}

    def _attempts(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        known = self._store.attempts
        return {key: known[key].content for key in keys if key in known}

    def attempt_positions(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        known = self._store.attempts
        return {key: known[key].position for key in keys if key in known}

    def quarantined(self, keys: Sequence[bytes]) -> list[QuarantineRow]:
        wanted = set(keys)
        return [row for row in self._store.quarantined.values() if row.key in wanted]

    def holds(self, digests: Sequence[bytes]) -> dict[bytes, HoldRow]:
        known = self._store.holds
        return {digest: known[digest] for digest in digests if digest in known}

    def business_keys(self, digests: Sequence[bytes]) -> dict[bytes, BusinessKeyRow]:
        known = self._store.business_keys
        return {digest: known[digest] for digest in digests if digest in known}

    def snapshots(self, stream_ids: Sequence[str]) -> dict[str, Snapshot]:
        known = self._store.snapshots
        return {stream: known[stream] for stream in stream_ids if stream in known}

    def streams(self, shard: int, after: Mapping[str, int]) -> list[PlacedEvent]:
        by_stream = self._store.by_stream
        return [event for stream_id in sorted(after) for event in by_stream.get(stream_id, [])[after[stream_id] :]]

    def stream_since(
        self, shard: int, stream_id: str, version: int, recorded_since: int, limit: int
    ) -> list[PlacedEvent]:
        after = self._store.by_stream.get(stream_id, [])[version:]
        return [event for event in after if event.recorded_at >= recorded_since][:limit]

    def last_of_stream(self, shard: int, stream_id: str) -> PlacedEvent | None:
        found = self._store.by_stream.get(stream_id)
        return found[-1] if found else None

    def events_after(self, shard: int, position: int, limit: int) -> list[PlacedEvent]:
        return self._store.placed[shard][position : position + limit]

    def facts_after(self, position: int) -> list[PlacedEvent]:
        placed = self._store.placed[FACTS_SHARD]
        return [placed[fact - 1] for fact in self._store.facts if fact > position]

    def event_at(self, shard: int, position: int) -> PlacedEvent | None:
        return next(iter(self.events_after(shard, position - 1, 1)), None)

    def events_at(self, shard: int, positions: Sequence[int]) -> list[PlacedEvent]:
        return [event for position in positions if (event := self.event_at(shard, position))]

    def write(self, batch: Batch) -> None:
        self.batch = batch

    def _state(self, shard: int) -> ShardState:
        placed = self._store.placed[shard]
        last = placed[-1] if placed else None
        return ShardState(shard, len(placed), last.recorded_at if last else 0, "memory")


def _registered(key: KeyIssued) -> RegisteredKey:
    return RegisteredKey(
        key_id=key.key_id,
        tenant=key.tenant,
        secret_hash=key.secret_hash,
        scopes=frozenset(key.scopes),
        source=key.source,
        account_id=key.account_id,
        workspace_id=key.workspace_id,
        tenants=None if key.tenants is None else frozenset(key.tenants),
        expires_at=key.expires_at,
        capabilities=None if key.capabilities is None else frozenset(key.capabilities),
        models=None if key.models is None else frozenset(key.models),
        bill_to=None if key.bill_to is None else frozenset(key.bill_to),
        breaker=None if key.circuit is None else Breaker(key.key_id, *key.circuit),
    )


def _put(rows: dict[Key, Row], changes: Mapping[Key, Row | None]) -> None:
    """A row in place of the one before it; None takes it away."""
    for key, row in changes.items():
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row
