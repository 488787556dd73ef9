"""The event store on Postgres: one connection, one transaction at a time, for the appender's thread."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
from psycopg import Connection, Cursor

from usage_ledger.adapters.postgres.recorder import ShardRecorder, insert_events, placed_event
from usage_ledger.adapters.postgres.statements import SQL
from usage_ledger.adapters.shard_application import ShardApplication
from usage_ledger.snapshots import SNAPSHOT_FORMAT
from usage_ledger.store import (
    AppendFailed,
    Batch,
    BusinessKeyRow,
    CommandRow,
    CommitUnknown,
    HoldRow,
    Known,
    Named,
    PlacedEvent,
    QuarantineRow,
    ShardState,
    Snapshot,
    StoreUnavailable,
)
from usage_ledger.streams import FACTS_SHARD
from usage_ledger.submission import Outcome
from usage_ledger_schemas import metrics

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 3

_encode = msgspec.json.Encoder().encode


class PostgresStore:
    """Appends with the appender's role. Not thread-safe: the appender has one thread."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection[Any] | None = None
        self.shard_count = 0
        with self._connected() as connection:
            self.shard_count = _shard_count(connection)
        self.applications = [
            ShardApplication(ShardRecorder(shard, self._connected)) for shard in range(self.shard_count)
        ]

    @contextmanager
    def transaction(self, shards: Iterable[int], named: Named = Named()) -> Generator[PostgresTransaction]:  # noqa: B008
        """Lock the shards, in id order, for the length of the block; commit at its end, roll back if it raises."""
        connection = self._connect()
        try:
            yield PostgresTransaction(connection, sorted(set(shards)), named)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self._abandon()
            raise StoreUnavailable(type(error).__name__) from error
        except psycopg.Error as error:
            self._abandon()
            raise AppendFailed(type(error).__name__) from error
        except BaseException:
            self._abandon()
            raise
        self._commit(connection)

    def close(self) -> None:
        self._drop_connection()

    def _commit(self, connection: Connection[Any]) -> None:
        try:
            with metrics.append_commit_seconds.time():
                connection.commit()
        except psycopg.Error as error:
            self._drop_connection()
            raise CommitUnknown(type(error).__name__) from error

    def _connect(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = _open(self._dsn)
            except psycopg.Error as error:
                raise StoreUnavailable(type(error).__name__) from error
        return self._connection

    @contextmanager
    def _connected(self) -> Generator[Connection[Any]]:
        connection = self._connect()
        try:
            yield connection
        except psycopg.Error as error:
            self._abandon()
            raise StoreUnavailable(type(error).__name__) from error
        connection.rollback()

    def _abandon(self) -> None:
        """Roll back, which releases the locks; a connection that cannot even do that is dropped."""
        connection = self._connection
        if connection is None:
            return
        try:
            connection.rollback()
        except psycopg.Error:
            self._drop_connection()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()


class PostgresTransaction:
    """See ``Transaction``. Every method that reads is one statement.

    What needs no answer of the statement before it is sent at once, and waited for once: with a few commands in a
    transaction, waiting for Postgres statement by statement would cost more than everything else.
    """

    def __init__(self, connection: Connection[Any], shards: Sequence[int], named: Named) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        with connection.pipeline():
            locked, facts = self._asked("lock", shards), self._asked("select_facts_position")
            commands = self._asked("select_commands", named.commands) if named.commands else ()
            attempts = self._asked("select_attempts", named.attempts) if named.attempts else ()
            holds = self._asked("select_holds", named.holds) if named.holds else ()
        self.shards: Mapping[int, ShardState] = {row[0]: ShardState(*row) for row in locked}
        self.facts_position: int = facts.fetchall()[0][0]
        self.known = Known(
            {row[0]: _command_row(row) for row in commands},
            {row[0]: row[1] for row in attempts},
            dict.fromkeys(named.holds) | {row[0]: HoldRow(*row) for row in holds},
        )

    def attempt_positions(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        return dict(self._all("select_attempt_positions", list(keys)))

    def quarantined(self, keys: Sequence[bytes]) -> list[QuarantineRow]:
        return [QuarantineRow(*row) for row in self._all("select_quarantined", list(keys))]

    def holds(self, digests: Sequence[bytes]) -> dict[bytes, HoldRow]:
        return {row[0]: HoldRow(*row) for row in self._all("select_holds", digests)}

    def business_key(self, digest: bytes) -> BusinessKeyRow | None:
        rows = self._all("select_business_key", digest)
        return BusinessKeyRow(*rows[0]) if rows else None

    def snapshots(self, stream_ids: Sequence[str]) -> dict[str, Snapshot]:
        rows = self._all("select_snapshots", list(stream_ids), SNAPSHOT_FORMAT)
        return {row[0]: Snapshot(*row) for row in rows}

    def streams(self, shard: int, after: Mapping[str, int]) -> list[PlacedEvent]:
        return self._placed("select_streams", list(after.keys()), list(after.values()), shard)

    def stream_since(
        self, shard: int, stream_id: str, version: int, recorded_since: int, limit: int
    ) -> list[PlacedEvent]:
        return self._placed("select_stream_since", shard, stream_id, version, recorded_since, limit)

    def last_of_stream(self, shard: int, stream_id: str) -> PlacedEvent | None:
        return next(iter(self._placed("select_last_of_stream", shard, stream_id)), None)

    def events_after(self, shard: int, position: int, limit: int) -> list[PlacedEvent]:
        return self._placed("select_events_after", shard, position, limit)

    def facts_after(self, position: int) -> list[PlacedEvent]:
        return self._placed("select_facts_after", position)

    def event_at(self, shard: int, position: int) -> PlacedEvent | None:
        found = self.events_after(shard, position - 1, 1)
        return found[0] if found and found[0].position == position else None

    def events_at(self, shard: int, positions: Sequence[int]) -> list[PlacedEvent]:
        return self._placed("select_events_at", shard, list(positions))

    def write(self, batch: Batch) -> None:
        with self._connection.pipeline():
            self._insert_events(batch)
            self._insert_index_rows(batch)
            self._move_attempts(batch)
            self._put_and_take("quarantined", batch.quarantined)
            self._put_and_take("suspended", {(key,): row for key, row in batch.suspended.items()})
            self._write_holds(batch)
            self._put_and_take("due", batch.due)
            self._insert_key_rows(batch)
            self._move_on(batch)

    def _insert_events(self, batch: Batch) -> None:
        if batch.events:
            insert_events(self._cursor, batch.events)
        if batch.facts:
            self._run("insert_facts", batch.facts)

    def _insert_index_rows(self, batch: Batch) -> None:
        if batch.attempts:
            self._run("insert_attempts", *_columns(batch.attempts))
        if batch.named_sources:
            self._run("insert_named_sources", *_columns(batch.named_sources))
        if batch.commands:
            self._run("insert_commands", *_columns(map(_command_columns, batch.commands)))
        for row in batch.business_keys:
            self._run("insert_business_keys", *row)
        for snapshot in batch.snapshots:
            stream_id, version, leaf, state = snapshot
            self._run("upsert_snapshot", stream_id, version, SNAPSHOT_FORMAT, leaf, state)

    def _move_attempts(self, batch: Batch) -> None:
        if batch.attempts_moved:
            self._run("move_attempts", *_columns(batch.attempts_moved.items()))

    def _write_holds(self, batch: Batch) -> None:
        if batch.holds_placed:
            self._run("insert_holds", *_columns(batch.holds_placed.values()))
        if batch.holds_closed:
            self._run("close_holds", *_columns(batch.holds_closed.items()))

    def _put_and_take(self, table: str, changes: Mapping[tuple[Any, ...], tuple[Any, ...] | None]) -> None:
        if put := [row for row in changes.values() if row is not None]:
            self._run(f"put_{table}", *_columns(put))
        if gone := [key for key, row in changes.items() if row is None]:
            self._run(f"take_{table}", *_columns(gone))

    def _insert_key_rows(self, batch: Batch) -> None:
        for key in batch.keys_issued:
            self._run("insert_service_key", *key)
        for key_id, secret_hash, old_valid_until in batch.keys_rotated:
            self._run("rotate_service_key", secret_hash, old_valid_until, key_id)
        for key_id, revoked_at in batch.keys_revoked:
            self._run("revoke_service_key", revoked_at, key_id)

    def _move_on(self, batch: Batch) -> None:
        last: dict[int, PlacedEvent] = {event.shard: event for event in batch.events}
        if not last:
            return
        facts = max(batch.facts, default=0)
        self._run(
            "move_on",
            list(last),
            [event.position for event in last.values()],
            [event.recorded_at for event in last.values()],
            [facts if shard == FACTS_SHARD else 0 for shard in last],
        )

    def _run(self, statement: str, *values: Any) -> None:
        self._cursor.execute(SQL[statement], values)

    def _all(self, statement: str, *values: Any) -> list[Any]:
        return self._cursor.execute(SQL[statement], values).fetchall()

    def _asked(self, statement: str, *values: Any) -> Cursor[Any]:
        """The rows, once the pipeline has ended."""
        return self._connection.cursor(binary=True).execute(SQL[statement], values)

    def _placed(self, statement: str, *values: Any) -> list[PlacedEvent]:
        return [placed_event(row) for row in self._all(statement, *values)]


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Sorted by key, so that neighbouring rows meet the same index pages and two writers meet in one order."""
    return [list(column) for column in zip(*sorted(rows), strict=True)]


def _open(dsn: str) -> Connection[Any]:
    connection = psycopg.connect(dsn, connect_timeout=CONNECT_TIMEOUT_S, application_name="usage-ledger appender")
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
        (str(STATEMENT_TIMEOUT_MS), str(LOCK_TIMEOUT_MS)),
    )
    connection.commit()
    return connection


def _shard_count(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT shards FROM ledger.store").fetchone()
    if row is None:
        raise StoreUnavailable("the store has no shards: run `usage-ledger migrate` first")
    return int(row[0])


def _command_columns(row: CommandRow) -> tuple[Any, ...]:
    digest, request_hash, outcome, recorded_at = row
    positions, facts = " ".join(outcome.positions), _encode(outcome.facts).decode()
    told = (outcome.outcome, outcome.code, outcome.detail, facts, outcome.answer, positions)
    return (digest, request_hash, *told, recorded_at)


def _command_row(row: Sequence[Any]) -> CommandRow:
    digest, request_hash, outcome, code, detail, facts, answer, positions, recorded_at = row
    stored = Outcome(
        outcome=outcome,
        answer=answer,
        positions=tuple(positions),
        code=code,
        detail=detail,
        facts=msgspec.json.decode(facts, type=dict[str, str]),
    )
    return CommandRow(digest, request_hash, stored, recorded_at)
