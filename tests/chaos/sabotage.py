"""The guards that a campaign can do without, one at a time: what is taken away, in which processes.

Most guards have a second one behind them, which would turn the missing first one into a refused transaction and not
into wrong figures. A guard counts as switched off when nothing of the kind is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OFF = "a guard is off: "
"""What a sabotaged process says as soon as it is one."""


@dataclass(frozen=True)
class Sabotage:
    """``processes`` run with ``disarm`` done to them; ``statements`` change the database before they start."""

    guard: str
    processes: tuple[str, ...]
    disarm: Callable[[], None]
    statements: tuple[str, ...] = ()


def _no_lock() -> None:
    """Appenders read where a shard stands, and nobody holds it while they append."""
    from usage_ledger.adapters.postgres.statements import SQL

    SQL["lock"] = _without(SQL["lock"], "FOR UPDATE")


def _no_dedupe() -> None:
    """Every command and every attempt looks new; their rows are written where there is none yet."""
    from usage_ledger.adapters.postgres.statements import SQL

    for statement in ("select_commands", "select_attempts"):
        SQL[statement] += " AND false"
    for statement in ("insert_commands", "insert_attempts"):
        SQL[statement] += " ON CONFLICT DO NOTHING"


def _no_version_check() -> None:
    """An appender believes what it has in memory of a stream, whatever others appended meanwhile."""
    from usage_ledger.appending.stream_cache import StreamCache

    def believe(cache: StreamCache, transaction: object) -> None:
        for shard, state in transaction.shards.items():
            cache._filled_at[shard] = (state.incarnation, state.last_position)

    StreamCache.catch_up = believe


def _no_offset_check() -> None:
    """Every projector serves every shard, and moves its offset on from wherever somebody else has put it."""
    from usage_ledger.adapters.postgres.leases import Leases
    from usage_ledger_views.progress import progress

    Leases.renew = lambda leases, _connection: frozenset(leases._shard_by_name.values())
    progress._ADVANCE = _without(progress._ADVANCE, "AND progress.next_offset = step.from_offset")


def _without(statement: str, guard: str) -> str:
    """Raises AssertionError if there is nothing to take away."""
    if statement.count(guard) != 1:
        raise AssertionError(f"{guard} is not in {statement}")
    return statement.replace(guard, "")


GUARDS = {
    sabotage.guard: sabotage
    for sabotage in (
        # The primary key is the second fence of positions.
        Sabotage(
            "lock",
            ("serve",),
            _no_lock,
            (
                "ALTER TABLE ledger.events DROP CONSTRAINT events_pkey",
                "CREATE INDEX ON ledger.events (shard, position)",
            ),
        ),
        Sabotage("dedupe", ("serve",), _no_dedupe),
        # The unique key refuses a version that is there already.
        Sabotage(
            "version",
            ("serve",),
            _no_version_check,
            (
                "ALTER TABLE ledger.events DROP CONSTRAINT events_shard_stream_id_stream_version_key",
                "CREATE INDEX ON ledger.events (shard, stream_id, stream_version)",
            ),
        ),
        Sabotage("offset", ("projector",), _no_offset_check),
    )
}
