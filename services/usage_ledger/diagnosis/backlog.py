"""What waits: events nobody publishes, folds or reacts to, streams that stand still, letters that need somebody."""

from __future__ import annotations

from typing import Any, Final, LiteralString, NamedTuple

from psycopg import Connection

from usage_ledger.diagnosis.finding import Finding, failure, ok, warning

LAG_WARNING_EVENTS: Final = 10_000
_SHOWN_MAX: Final = 3

# Events that are stored and not known to be published; that the views have not seen; that nobody reacted to.
_RELAY_LAG: Final = """
SELECT coalesce(sum(greatest(s.last_position - coalesce(c.position, 0), 0)), 0)::bigint
  FROM ledger.shards AS s LEFT JOIN ledger.relay_checkpoints AS c USING (shard)
"""
_PROJECTOR_LAG: Final = """
SELECT coalesce(sum(greatest(s.last_position - coalesce(p.position, 0), 0)), 0)::bigint
  FROM ledger.shards AS s LEFT JOIN views.progress AS p USING (shard)
"""
_REACTOR_LAG: Final = """
SELECT coalesce(sum(greatest(s.last_position - coalesce(c.position, 0), 0)), 0)::bigint
  FROM ledger.shards AS s LEFT JOIN ledger.reactor_checkpoints AS c USING (shard)
"""
# Accounts that something was due on a minute ago and longer: less is on its way.
_SCHEDULER_LAG: Final = """
SELECT count(*) FROM ledger.due WHERE next_due < extract(epoch FROM clock_timestamp() - interval '1 minute') * 1000000
"""

# For how many shards somebody does a job now.
_HELD: Final = """
SELECT count(*) FROM ledger.leases WHERE name ~ ('^' || %s::text || '-[0-9]+$') AND until > clock_timestamp()
"""

_BLOCKED: Final = "SELECT stream_id, reason FROM views.blocked_streams ORDER BY blocked_at, stream_id"

# Letters by reason.
_DEAD_LETTERS: Final = "SELECT reason, count(*) FROM ledger.dead_letters GROUP BY reason ORDER BY reason"


class _Job(NamedTuple):
    """A process by the name of its leases, how far behind it is, and of what that is a number."""

    name: str
    lag: LiteralString
    waiting: str


_JOBS: Final = (
    _Job("relay", _RELAY_LAG, "events not published yet"),
    _Job("projector", _PROJECTOR_LAG, "events not seen by the views yet"),
    _Job("reactor", _REACTOR_LAG, "events not reacted to yet"),
    _Job("scheduler", _SCHEDULER_LAG, "accounts overdue"),
)


def check_jobs(reader: Connection[Any], relay: Connection[Any], shards: int) -> list[Finding]:
    """Who does each job, and what waits for it. Leases are the relay's to read. Raises psycopg.Error."""
    return [
        judge_job(job.name, job.waiting, _number(relay, _HELD, job.name), shards, _number(reader, job.lag))
        for job in _JOBS
    ]


def judge_job(name: str, waiting: str, held: int, shards: int, lag: int) -> Finding:
    found = f"{held} of {shards} shards served, {lag} {waiting}"
    if held < shards:
        mend = f"start `usage-ledger {name}`"
        return failure(name, found, mend) if lag else warning(name, found, mend)
    if lag > LAG_WARNING_EVENTS:
        return warning(name, found, f"look at the log of `usage-ledger {name}`, or start another one")
    return ok(name, found)


def check_blocked_streams(reader: Connection[Any]) -> Finding:
    """Raises psycopg.Error."""
    rows = reader.execute(_BLOCKED).fetchall()
    if not rows:
        return ok("blocked streams", "none")
    shown = ", ".join(f"{stream} ({reason})" for stream, reason in rows[:_SHOWN_MAX])
    return failure("blocked streams", f"{len(rows)}: {shown}", f"run `usage-ledger repair {rows[0][0]}`")


def check_dead_letters(reader: Connection[Any]) -> Finding:
    """Raises psycopg.Error."""
    rows = reader.execute(_DEAD_LETTERS).fetchall()
    if not rows:
        return ok("dead letters", "none")
    found = ", ".join(f"{count} {reason}" for reason, count in rows)
    return warning("dead letters", found, "GET /v1/dead-letters shows them; their sender must send them again, mended")


def _number(session: Connection[Any], question: LiteralString, *values: object) -> int:
    row = session.execute(question, values).fetchone()
    return int(row[0]) if row else 0
