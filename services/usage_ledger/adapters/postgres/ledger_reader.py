"""Questions to the event store and its index tables that take no decision: for reads, explanations and look-ups.

Asked with the reader's role, outside the appender's lock: what is answered is a snapshot of what was committed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import AsyncConnection

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.recorded_event import Envelope, EventPayload

Connection = AsyncConnection[Any]


class Recorded(NamedTuple):
    """A stored event, decoded, in its place. ``recorded_at`` is in its envelope."""

    shard: int
    position: int
    stream_id: str
    stream_version: int
    envelope: Envelope
    payload: EventPayload


class ShardStanding(NamedTuple):
    """Where a shard stands: its last position, and when that was recorded (microseconds UTC)."""

    position: int
    recorded_at: int


class CommandFound(NamedTuple):
    """What the ledger keeps of a command. ``answer`` is a JSON object; ``recorded_at`` is microseconds UTC."""

    outcome: str
    code: str | None
    detail: str
    answer: bytes
    positions: list[str]
    recorded_at: int


class QuarantinedFound(NamedTuple):
    """What is in quarantine under an attempt key."""

    key: bytes
    disposition: str
    reason: str


class HoldStanding(NamedTuple):
    """Where a hold is, whether it is still open, and whose call it is for, where another account pays."""

    account_id: str
    workspace_id: str
    state: str
    used_by: str | None


class RelayStanding(NamedTuple):
    """A shard's events that Kafka does not have yet; ``waiting_since`` is microseconds UTC of the oldest."""

    shard: int
    waiting: int
    waiting_since: int | None


_EVENT: Final = "SELECT shard, position, stream_id, stream_version, fingerprint || body FROM ledger.events"

# A whole stream, in order. Only streams that stay short are read so: organizations, payers, the deployment.
_STREAM: Final = f"{_EVENT} WHERE shard = %b AND stream_id = %b ORDER BY stream_version"

# One event by its place.
_EVENT_AT: Final = f"{_EVENT} WHERE shard = %b AND position = %b"

# Which event holds an attempt.
_ATTEMPTS: Final = "SELECT key, shard, position FROM ledger.attempts WHERE key = ANY (%b)"

# What is in quarantine under these keys.
_QUARANTINED: Final = "SELECT key, disposition, reason FROM ledger.quarantined WHERE key = ANY (%b)"

# The sources that items of this id named themselves.
_NAMED_SOURCES: Final = "SELECT source FROM ledger.named_sources WHERE attempt = %b"

# Whose a hold is.
_HOLD: Final = "SELECT account_id, workspace_id, state, used_by FROM ledger.holds WHERE digest = %b"

# What became of a command.
_COMMAND: Final = """
SELECT outcome, code, detail, answer, positions, recorded_at FROM ledger.commands WHERE digest = %b
"""

# What a thing of the world that happens once was claimed with.
_BUSINESS_KEY: Final = "SELECT content FROM ledger.business_keys WHERE digest = %b"

# Where the shard stands in this snapshot.
_SHARD: Final = "SELECT last_position, last_recorded_at FROM ledger.shards WHERE shard = %b"

# When the event at a position, or the last one before it, was recorded.
_RECORDED_BY: Final = """
SELECT position, recorded_at FROM ledger.events
 WHERE shard = %b AND position <= %b ORDER BY position DESC LIMIT 1
"""

# The shard count, for ever.
_SHARDS: Final = "SELECT shards FROM ledger.store"

# How far the relay is behind, a shard a row, with the age of the oldest event that waits.
_RELAY: Final = """
SELECT s.shard, s.last_position - c.position,
       (SELECT e.recorded_at FROM ledger.events AS e WHERE e.shard = s.shard AND e.position = c.position + 1)
  FROM ledger.shards AS s JOIN ledger.relay_checkpoints AS c USING (shard) ORDER BY s.shard
"""


def store_shards(connection: psycopg.Connection[Any]) -> int:
    """The shard count that the store was made with."""
    row = connection.execute(_SHARDS).fetchone()
    return 0 if row is None else int(row[0])


async def read_stream(connection: Connection, shard: int, stream_id: str) -> list[Recorded]:
    rows = await (await connection.execute(_STREAM, (shard, stream_id))).fetchall()
    return [recorded(row) for row in rows]


async def event_at(connection: Connection, shard: int, position: int) -> Recorded | None:
    row = await (await connection.execute(_EVENT_AT, (shard, position))).fetchone()
    return None if row is None else recorded(row)


async def find_attempts(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Shard and position of the events that hold these attempts, by attempt key; unknown keys are left out."""
    rows = await (await connection.execute(_ATTEMPTS, (list(keys),))).fetchall()
    return {bytes(key): (shard, position) for key, shard, position in rows}


async def find_quarantined(connection: Connection, keys: Iterable[bytes]) -> list[QuarantinedFound]:
    rows = await (await connection.execute(_QUARANTINED, (list(keys),))).fetchall()
    return [QuarantinedFound(bytes(key), disposition, reason) for key, disposition, reason in rows]


async def find_named_sources(connection: Connection, attempt: bytes) -> list[str]:
    """``attempt`` is ``id_digest`` of tenant and id."""
    rows = await (await connection.execute(_NAMED_SOURCES, (attempt,))).fetchall()
    return [row[0] for row in rows]


async def find_hold(connection: Connection, digest: bytes) -> HoldStanding | None:
    row = await (await connection.execute(_HOLD, (digest,))).fetchone()
    return None if row is None else HoldStanding(*row)


async def find_command(connection: Connection, digest: bytes) -> CommandFound | None:
    row = await (await connection.execute(_COMMAND, (digest,))).fetchone()
    return None if row is None else CommandFound(*row)


async def find_business_key(connection: Connection, digest: bytes) -> str | None:
    """The content with which a business key was claimed, such as a run's id; None if it is free."""
    row = await (await connection.execute(_BUSINESS_KEY, (digest,))).fetchone()
    return None if row is None else str(row[0])


async def shard_standing(connection: Connection, shard: int) -> ShardStanding:
    row = await (await connection.execute(_SHARD, (shard,))).fetchone()
    return ShardStanding(0, 0) if row is None else ShardStanding(*row)


async def standing_at(connection: Connection, shard: int, position: int) -> ShardStanding:
    """Where the shard stood when it had reached the position."""
    row = await (await connection.execute(_RECORDED_BY, (shard, position))).fetchone()
    return ShardStanding(0, 0) if row is None else ShardStanding(*row)


async def relay_standings(connection: Connection) -> list[RelayStanding]:
    rows = await (await connection.execute(_RELAY)).fetchall()
    return [RelayStanding(*row) for row in rows]


def recorded(row: Any) -> Recorded:
    """A row of ``_EVENT``. Raises MapperDeserialisationError."""
    shard, position, stream_id, stream_version, state = row
    envelope, payload = decode_state(bytes(state))
    return Recorded(shard, position, stream_id, stream_version, envelope, payload)
