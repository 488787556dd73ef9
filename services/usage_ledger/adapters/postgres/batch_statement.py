"""Everything that a batch adds, as one statement: Postgres is asked once, however many tables a group touches.

The statements of ``statements.sql`` that are needed become parts of one. All of them see the database as it was before
the first, so none of them may be about a row that another one writes: what a batch places and then closes, or takes and
then moves, is put together here before. Only tables that have something to write are named, as a role may write no
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, LiteralString, NamedTuple, cast

import msgspec

from usage_ledger.adapters.avro_mapper import FINGERPRINT_BYTES
from usage_ledger.adapters.postgres.statements import SQL
from usage_ledger.snapshots import SNAPSHOT_FORMAT
from usage_ledger.store import Batch, CommandRow, PlacedEvent
from usage_ledger.streams import FACTS_SHARD

Columns = Sequence[Sequence[Any]]
_encode = msgspec.json.Encoder().encode


class _Part(NamedTuple):
    """A named statement and the values of its parameters, which are arrays."""

    statement: str
    columns: Columns


def batch_statement(batch: Batch) -> tuple[LiteralString, list[Sequence[Any]]]:
    """The statement and its values."""
    parts = [part for part in _parts(batch) if part.columns]
    return _together(tuple(part.statement for part in parts)), list(chain.from_iterable(part.columns for part in parts))


@cache
def _together(names: tuple[str, ...]) -> LiteralString:
    *others, last = (SQL[name] for name in names)
    named = [f"part_{n} AS ({statement})" for n, statement in enumerate(others)]
    return cast("LiteralString", f"WITH {', '.join(named)} {last}" if named else last)


def _parts(batch: Batch) -> Iterator[_Part]:
    yield _Part("insert_events", _transposed(map(_event_columns, batch.events)))
    yield _Part("insert_facts", [batch.facts] if batch.facts else [])
    yield from _attempts(batch)
    yield _Part("insert_named_sources", _columns(batch.named_sources))
    yield _Part("insert_workspaces", _columns(batch.workspaces))
    yield _Part("insert_commands", _columns(map(_command_columns, batch.commands)))
    yield _Part("insert_business_keys", _columns(batch.business_keys))
    yield _Part("upsert_snapshots", _columns((*row, SNAPSHOT_FORMAT) for row in batch.snapshots))
    yield from _put_and_take("quarantined", batch.quarantined)
    yield from _put_and_take("suspended", {(key,): row for key, row in batch.suspended.items()})
    yield from _put_and_take("due", batch.due)
    yield from _holds(batch)
    yield _Part("move_on", _positions(batch))


def _attempts(batch: Batch) -> Iterator[_Part]:
    moved = batch.attempts_moved
    taken = (
        [row._replace(position=moved.get(row.key, row.position)) for row in batch.attempts] if moved else batch.attempts
    )
    before = moved.keys() - {row.key for row in taken} if moved else ()
    yield _Part("insert_attempts", _columns(taken))
    yield _Part("move_attempts", _columns((key, moved[key]) for key in before))


def _holds(batch: Batch) -> Iterator[_Part]:
    placed, closed = batch.holds_placed, batch.holds_closed
    rows = (row._replace(state=closed.get(digest, row.state)) for digest, row in placed.items())
    yield _Part("insert_holds", _columns(rows))
    yield _Part("close_holds", _columns(item for item in closed.items() if item[0] not in placed))


def _put_and_take(table: str, changes: Mapping[tuple[Any, ...], tuple[Any, ...] | None]) -> Iterator[_Part]:
    yield _Part(f"put_{table}", _columns(row for row in changes.values() if row is not None))
    yield _Part(f"take_{table}", _columns(key for key, row in changes.items() if row is None))


def _positions(batch: Batch) -> Columns:
    """Where each shard stands afterwards."""
    last = {event.shard: event for event in batch.events}
    facts = max(batch.facts, default=0)
    return _transposed(
        (shard, event.position, event.recorded_at, facts if shard == FACTS_SHARD else 0)
        for shard, event in last.items()
    )


def _event_columns(event: PlacedEvent) -> tuple[Any, ...]:
    stored = event.stored
    return (
        event.shard,
        event.position,
        str(stored.originator_id),
        stored.originator_version,
        event.recorded_at,
        stored.state[:FINGERPRINT_BYTES],
        event.prev_leaf,
        event.leaf,
        stored.state[FINGERPRINT_BYTES:],
    )


def _command_columns(row: CommandRow) -> tuple[Any, ...]:
    digest, request_hash, outcome, recorded_at = row
    positions, facts = " ".join(outcome.positions), _encode(outcome.facts).decode()
    told = (outcome.outcome, outcome.code, outcome.detail, facts, outcome.answer, positions)
    return (digest, request_hash, *told, recorded_at)


def _columns(rows: Iterable[tuple[Any, ...]]) -> Columns:
    """Sorted by key, so that neighbouring rows meet the same index pages and two writers meet in one order."""
    return _transposed(sorted(rows))


def _transposed(rows: Iterable[tuple[Any, ...]]) -> Columns:
    return [list(column) for column in zip(*rows, strict=True)]
