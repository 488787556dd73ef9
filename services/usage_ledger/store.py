"""The port to the event store: what the appender needs of Postgres, and what the in-memory store gives tests.

A transaction locks its shards before it shows anything. Whoever holds a shard may append to it, so positions are
gapless and in commit order. Everything written becomes visible at once, as the ``with`` block ends, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

import msgspec
from eventsourcing.persistence import StoredEvent

from usage_ledger.submission import Outcome


class StoreUnavailable(Exception):
    """The store cannot be reached or refused the work. Nothing was appended."""


class AppendFailed(Exception):
    """The database refused what was to be written. Nothing was appended; other work may well go through."""


class CommitUnknown(Exception):
    """The connection broke while committing: the work is in the store whole, or not at all, and nobody said which."""


class ShardState(msgspec.Struct):
    """A shard's row, as of the moment its lock was taken. Positions count from 1; times are microseconds UTC."""

    shard: int
    last_position: int
    last_recorded_at: int
    incarnation: str


class PlacedEvent(NamedTuple):
    """A stored event in its place. ``stored.state`` is the schema's fingerprint (8 bytes) and then the Avro body."""

    shard: int
    position: int
    recorded_at: int
    prev_leaf: bytes
    leaf: bytes
    stored: StoredEvent


class Snapshot(NamedTuple):
    """State of a stream at a version; ``leaf`` is the leaf of the event at that version."""

    stream_id: str
    stream_version: int
    leaf: bytes
    state: bytes


class CommandRow(NamedTuple):
    """What became of a command: ``digest`` and ``request_hash`` are 16 bytes each."""

    digest: bytes
    request_hash: bytes
    outcome: Outcome
    recorded_at: int


class AttemptRow(NamedTuple):
    """A usage item that was taken: accepted, or waiting in quarantine. ``key`` and ``content`` are 16 bytes each."""

    key: bytes
    content: bytes
    shard: int
    position: int


class BusinessKeyRow(NamedTuple):
    """A thing of the world that may happen once, what it was, and what its command answered."""

    digest: bytes
    content: str
    answer: bytes


class QuarantineRow(NamedTuple):
    """An item in quarantine, under its attempt key: ``disposition`` is ``waiting`` or ``rejected``."""

    key: bytes
    disposition: str
    tenant: str
    workspace_id: str
    reason: str


class SuspendedRow(NamedTuple):
    """A line without a price, under its attempt key. ``occurred_at`` is microseconds UTC; the account's currency."""

    key: bytes
    shard: int
    model: str
    currency: str
    tenant: str
    account_id: str
    occurred_at: int


class NamedSourceRow(NamedTuple):
    """The source that an item named itself; ``attempt`` is 16 bytes of its tenant and id."""

    attempt: bytes
    source: str


StoredHoldState = Literal["open", "settled", "released", "expired"]


class HoldRow(NamedTuple):
    """A hold of an account, under the digest of its tenant and id (16 bytes).

    ``position`` is that of the event that placed it; ``used_by`` is the account that calls, where another one pays.
    """

    digest: bytes
    tenant: str
    account_id: str
    workspace_id: str
    state: StoredHoldState
    position: int
    used_by: str | None = None


class DueRow(NamedTuple):
    """When something happens to an account by itself, microseconds UTC (C6); what is no account has a place too."""

    tenant: str
    account_id: str
    shard: int
    next_due: int


class WorkspaceRow(NamedTuple):
    """A workspace and its organization."""

    shard: int
    tenant: str
    workspace_id: str
    organization_id: str


class KeyIssued(NamedTuple):
    """A service key for the register of keys. ``expires_at`` is microseconds UTC.

    ``circuit`` is the number of requests, the seconds within which they come, and those for which the key then rests.
    """

    key_id: str
    tenant: str
    secret_hash: bytes
    prefix: str
    scopes: list[str]
    source: str
    account_id: str | None
    workspace_id: str | None
    tenants: list[str] | None
    expires_at: int | None
    capabilities: list[str] | None
    models: list[str] | None
    bill_to: list[str] | None
    circuit: list[int] | None


class KeyRotated(NamedTuple):
    """A key's new secret; the one before it ends at ``old_valid_until``, microseconds UTC, and any older one now."""

    key_id: str
    secret_hash: bytes
    old_valid_until: int


class Batch(msgspec.Struct):
    """Everything one transaction adds: events first, index rows that follow from them after.

    ``attempts_moved`` are positions by attempt key: the event that holds an attempt from now on. In ``quarantined``
    and ``due`` (by tenant and account) a row is put in place of the one before it, in ``suspended`` there is none
    before it; None takes it away. ``holds_placed`` and ``holds_closed``, the states of holds placed now or before, are
    by digest.
    """

    events: list[PlacedEvent] = []
    facts: list[int] = []
    commands: list[CommandRow] = []
    attempts: list[AttemptRow] = []
    attempts_moved: dict[bytes, int] = {}
    quarantined: dict[tuple[bytes, str], QuarantineRow | None] = {}
    suspended: dict[bytes, SuspendedRow | None] = {}
    due: dict[tuple[str, str], DueRow | None] = {}
    named_sources: set[NamedSourceRow] = set()
    workspaces: list[WorkspaceRow] = []
    holds_placed: dict[bytes, HoldRow] = {}
    holds_closed: dict[bytes, StoredHoldState] = {}
    business_keys: list[BusinessKeyRow] = []
    keys_issued: list[KeyIssued] = []
    keys_rotated: list[KeyRotated] = []
    keys_revoked: list[tuple[str, int]] = []
    snapshots: list[Snapshot] = []


class Named(NamedTuple):
    """What a transaction's commands name, by digest: themselves, their attempts, and the holds that they are about.

    ``business_keys`` are those that many may ask for at once, such as the runs of usage; others are asked for singly.
    """

    commands: Sequence[bytes] = ()
    attempts: Sequence[bytes] = ()
    holds: Sequence[bytes] = ()
    business_keys: Sequence[bytes] = ()


class Known(NamedTuple):
    """What the store has of what was named. ``attempts`` are content digests by key.

    None is a hold unheard of, or a business key that is free.
    """

    commands: dict[bytes, CommandRow]
    attempts: dict[bytes, bytes]
    holds: dict[bytes, HoldRow | None]
    business_keys: dict[bytes, BusinessKeyRow | None]


class Transaction(Protocol):
    """One transaction with its shards locked, in id order, and then all that was named looked up."""

    shards: Mapping[int, ShardState]
    facts_position: int
    known: Known

    def attempt_positions(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """Positions, in their shards, of the events that hold the known ones among these, by key."""
        ...

    def quarantined(self, keys: Sequence[bytes]) -> list[QuarantineRow]: ...
    def holds(self, digests: Sequence[bytes]) -> dict[bytes, HoldRow]: ...
    def business_keys(self, digests: Sequence[bytes]) -> dict[bytes, BusinessKeyRow]: ...
    def snapshots(self, stream_ids: Sequence[str]) -> dict[str, Snapshot]: ...
    def streams(self, shard: int, after: Mapping[str, int]) -> list[PlacedEvent]:
        """Events of these streams after the given versions, by stream and version."""
        ...

    def stream_since(
        self, shard: int, stream_id: str, version: int, recorded_since: int, limit: int
    ) -> list[PlacedEvent]:
        """Events of the stream after the version, recorded at or after an instant (microseconds UTC), oldest first."""
        ...

    def last_of_stream(self, shard: int, stream_id: str) -> PlacedEvent | None: ...
    def events_after(self, shard: int, position: int, limit: int) -> list[PlacedEvent]: ...
    def facts_after(self, position: int) -> list[PlacedEvent]: ...
    def event_at(self, shard: int, position: int) -> PlacedEvent | None: ...
    def events_at(self, shard: int, positions: Sequence[int]) -> list[PlacedEvent]: ...
    def write(self, batch: Batch) -> None:
        """Add the batch and move each shard's last position and recorded_at on. At most once a transaction."""
        ...


class LedgerStore(Protocol):
    """A database of shards. Raises ``StoreUnavailable``, ``AppendFailed``; ``CommitUnknown`` as the block ends."""

    shard_count: int

    def transaction(self, shards: Iterable[int], named: Named = Named()) -> AbstractContextManager[Transaction]: ...  # noqa: B008 - immutable
    def close(self) -> None: ...
