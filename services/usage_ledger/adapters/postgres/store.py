"""The event store on Postgres: one connection, one transaction at a time, for the appender's thread."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
from psycopg import Connection, Cursor
from psycopg.types.numeric import Int8BinaryDumper

from usage_ledger.adapters.postgres.batch_statement import batch_statement
from usage_ledger.adapters.postgres.recorder import ShardRecorder, placed_event
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
from usage_ledger.submission import Outcome
from usage_ledger_schemas import metrics

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 3


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
    """See ``Transaction``. Postgres is waited for once to begin, once for whatever a method reads, once to write.

    With a few commands in a transaction, waiting for it table by table would cost more than everything else.
    """

    def __init__(self, connection: Connection[Any], shards: Sequence[int], named: Named) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        with connection.pipeline():
            self._cursor.execute("BEGIN")
            locked, facts = self._asked("lock", shards), self._asked("select_facts_position")
            commands = self._asked("select_commands", named.commands) if named.commands else ()
            attempts = self._asked("select_attempts", named.attempts) if named.attempts else ()
            holds = self._asked("select_holds", named.holds) if named.holds else ()
            claimed = self._asked("select_business_keys", named.business_keys) if named.business_keys else ()
        self.shards: Mapping[int, ShardState] = {row[0]: ShardState(*row) for row in locked}
        self.facts_position: int = facts.fetchall()[0][0]
        self.known = Known(
            {row[0]: _command_row(row) for row in commands},
            {row[0]: row[1] for row in attempts},
            dict.fromkeys(named.holds) | {row[0]: HoldRow(*row) for row in holds},
            dict.fromkeys(named.business_keys) | {row[0]: BusinessKeyRow(*row) for row in claimed},
        )

    def attempt_positions(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        return dict(self._all("select_attempt_positions", list(keys)))

    def quarantined(self, keys: Sequence[bytes]) -> list[QuarantineRow]:
        return [QuarantineRow(*row) for row in self._all("select_quarantined", list(keys))]

    def holds(self, digests: Sequence[bytes]) -> dict[bytes, HoldRow]:
        return {row[0]: HoldRow(*row) for row in self._all("select_holds", digests)}

    def business_keys(self, digests: Sequence[bytes]) -> dict[bytes, BusinessKeyRow]:
        return {row[0]: BusinessKeyRow(*row) for row in self._all("select_business_keys", digests)}

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
        statement, values = batch_statement(batch)
        self._cursor.execute(statement, values)
        self._write_key_rows(batch)

    def _write_key_rows(self, batch: Batch) -> None:
        for key in batch.keys_issued:
            self._run("insert_service_key", *key)
        for key_id, secret_hash, old_valid_until in batch.keys_rotated:
            self._run("rotate_service_key", secret_hash, old_valid_until, key_id)
        for key_id, revoked_at in batch.keys_revoked:
            self._run("revoke_service_key", revoked_at, key_id)

    def _run(self, statement: str, *values: Any) -> None:
        self._cursor.execute(SQL[statement], values)

    def _all(self, statement: str, *values: Any) -> list[Any]:
        return self._cursor.execute(SQL[statement], values).fetchall()

    def _asked(self, statement: str, *values: Any) -> Cursor[Any]:
        """The rows, once the pipeline has ended."""
        return self._connection.cursor(binary=True).execute(SQL[statement], values)

    def _placed(self, statement: str, *values: Any) -> list[PlacedEvent]:
        return [placed_event(row) for row in self._all(statement, *values)]


def _open(dsn: str) -> Connection[Any]:
    connection = psycopg.connect(
        dsn, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, application_name="usage-ledger appender"
    )
    # Whole numbers are sent as one type whatever their size, so that a statement is one and stays prepared.
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
        (str(STATEMENT_TIMEOUT_MS), str(LOCK_TIMEOUT_MS)),
    )
    return connection


def _shard_count(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT shards FROM ledger.store").fetchone()
    if row is None:
        raise StoreUnavailable("the store has no shards: run `usage-ledger migrate` first")
    return int(row[0])


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
