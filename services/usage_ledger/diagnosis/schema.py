"""Whether the database is what this version of the program and these settings expect."""

from __future__ import annotations

from typing import Any, Final, LiteralString

from psycopg import Connection

from usage_ledger.adapters.postgres.migrate import migration_names as ledger_migrations
from usage_ledger.diagnosis.finding import Finding, failure, ok, warning
from usage_ledger_views.migrations import migration_names as views_migrations

_SHARDS: Final = "SELECT shards FROM ledger.store"
_OF_LEDGER: Final = "SELECT name FROM public.ledger_migrations"
_OF_VIEWS: Final = "SELECT name FROM views.migrations"


def check_migrations(session: Connection[Any]) -> list[Finding]:
    """Raises psycopg.Error."""
    return [
        _compare("migrations of the ledger", ledger_migrations(), _applied(session, _OF_LEDGER)),
        _compare("migrations of the views", views_migrations(), _applied(session, _OF_VIEWS)),
    ]


def check_shards(session: Connection[Any], expected: int) -> Finding:
    """Raises psycopg.Error."""
    row = session.execute(_SHARDS).fetchone()
    shards = int(row[0]) if row else 0
    if shards != expected:
        mend = f"set shards = {shards}: the number of a store never changes"
        return failure("shards", f"the store has {shards} shards, the settings say {expected}", mend)
    return ok("shards", str(shards))


def _compare(check: str, known: list[str], applied: set[str]) -> Finding:
    missing, newer = sorted(set(known) - applied), sorted(applied - set(known))
    if missing:
        return failure(check, f"not applied: {', '.join(missing)}", "run `usage-ledger migrate`")
    if newer:
        return warning(check, f"newer than this program: {', '.join(newer)}", "install the version that made them")
    return ok(check, f"all {len(known)} applied")


def _applied(session: Connection[Any], question: LiteralString) -> set[str]:
    return {str(row[0]) for row in session.execute(question)}
