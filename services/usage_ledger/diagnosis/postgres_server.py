"""The Postgres server itself: whether it is new enough, keeps what it acknowledged, has room, and tells the time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import Connection

from usage_ledger.diagnosis.finding import Finding, failure, ok, warning

OLDEST_VERSION: Final = 150_000
FREE_CONNECTIONS_MIN: Final = 10
SKEW_WARNING_S: Final = 1.0
SKEW_FAILURE_S: Final = 60.0
"""Usage that is dated more than five minutes ahead is refused; a minute of that is more than enough for a clock."""
FREE_DISK_WARNING: Final = 0.10
FREE_DISK_FAILURE_BYTES: Final = 1 << 30

_LOST: Final = "a crash may lose or tear what was acknowledged"

# Connections that are neither used nor kept for superusers.
_FREE_CONNECTIONS: Final = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""

# The server's clock, in microseconds UTC.
_NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


def check_version(session: Connection[Any]) -> Finding:
    version = session.info.server_version
    shown = f"Postgres {version // 10_000}.{version % 10_000}"
    return judge_version(version, shown)


def judge_version(version: int, shown: str) -> Finding:
    """``version`` as libpq counts: 150004 is 15.4."""
    if version < OLDEST_VERSION:
        return failure("postgres version", shown, "upgrade to Postgres 15 or newer")
    return ok("postgres version", shown)


def check_durability(session: Connection[Any]) -> list[Finding]:
    """Of the appender's session, because a role or a database may have settings of its own. Raises psycopg.Error."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    return [judge_durability(name, _setting(session, name)) for name in names]


def judge_durability(name: str, value: str) -> Finding:
    if value == "off":
        return failure(name, f"off: {_LOST}", f"ALTER SYSTEM SET {name} = on; and look at the role and the database")
    return ok(name, value)


def check_free_connections(session: Connection[Any]) -> Finding:
    """Raises psycopg.Error."""
    row = session.execute(_FREE_CONNECTIONS).fetchone()
    return judge_free_connections(int(row[0]) if row else 0)


def judge_free_connections(free: int) -> Finding:
    check, found = "free connections", f"{free} are free"
    if free < FREE_CONNECTIONS_MIN:
        return warning(check, found, "raise max_connections, or lower postgres_pool_connections of each process")
    return ok(check, found)


def check_clock(session: Connection[Any], clock: Callable[[], float] = time.time) -> Finding:
    """The skew between this machine and Postgres, known to half of what the question took. Raises psycopg.Error."""
    before = clock()
    row = session.execute(_NOW).fetchone()
    after = clock()
    theirs = (int(row[0]) if row else 0) / 1_000_000
    return judge_clock(max(0.0, before - theirs, theirs - after))


def judge_clock(skew_s: float) -> Finding:
    check, found = "clock", f"this machine and Postgres differ by {skew_s:.3f} s"
    mend = "run a time service on both; what was recorded keeps its order, but its times are wrong"
    if skew_s > SKEW_FAILURE_S:
        return failure(check, found, mend)
    return warning(check, found, mend) if skew_s > SKEW_WARNING_S else ok(check, found)


def check_disk(session: Connection[Any]) -> Finding:
    """Of the data directory, if it is on this machine and the owner's session may know where. Raises psycopg.Error."""
    try:
        folder = Path(_setting(session, "data_directory"))
    except psycopg.errors.InsufficientPrivilege:
        return ok("disk", "the owner may not know where the data lies; watch it on the server")
    if not _is_here(session) or not folder.is_dir():
        return ok("disk", "the data lies on another machine; watch it there")
    usage = shutil.disk_usage(folder)
    return judge_disk(usage.free, usage.total)


def judge_disk(free_bytes: int, total_bytes: int) -> Finding:
    check, found = "disk", f"{free_bytes / 2**30:.1f} of {total_bytes / 2**30:.1f} GiB are free"
    mend = "give the data directory more room: without any, nothing is recorded"
    if free_bytes < FREE_DISK_FAILURE_BYTES:
        return failure(check, found, mend)
    return warning(check, found, mend) if free_bytes < total_bytes * FREE_DISK_WARNING else ok(check, found)


def _is_here(session: Connection[Any]) -> bool:
    host = session.info.host
    return host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")


def _setting(session: Connection[Any], name: str) -> str:
    row = session.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return str(row[0]) if row else ""
