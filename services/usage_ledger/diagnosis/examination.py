"""Every check, in the order in which one would mend things: what comes first is what the rest stands on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import psycopg

from usage_ledger.diagnosis import backlog, exposure, postgres_server, schema, unsettled
from usage_ledger.diagnosis.finding import Finding, failure, ok
from usage_ledger.diagnosis.kafka_cluster import check_kafka
from usage_ledger.diagnosis.logins import OWNER, Sessions, open_sessions
from usage_ledger.diagnosis.privileges import check_privileges
from usage_ledger.settings import Settings

_Findings = Finding | list[Finding]


def examine(settings: Settings) -> list[Finding]:
    """What is found with these settings. Raises nothing of what it depends on: that becomes a finding."""
    findings = [
        ok("settings", "valid"),
        exposure.check_settings_file(),
        exposure.check_kafka_transport(settings),
        exposure.check_http_transport(settings),
    ]
    with ExitStack() as stack:
        sessions, logins = open_sessions(settings, stack)
        findings += logins
        findings += _of_postgres(settings, sessions)
    return findings + check_kafka(settings)


def _of_postgres(settings: Settings, sessions: Sessions) -> list[Finding]:
    """Each check with the session that is its own; those whose session there is not are left out."""
    findings: list[Finding] = []
    for role, session in sessions.items():
        findings.append(exposure.check_postgres_transport(role, session))
        if role != OWNER:
            findings += _asked(f"privileges {role}", lambda role=role, it=session: check_privileges(role, it))
    if (owner := sessions.get(OWNER)) is not None:
        findings += _asked("disk", lambda: postgres_server.check_disk(owner))
    if (appender := sessions.get("appender")) is not None:
        findings.append(postgres_server.check_version(appender))
        findings += _asked("durability", lambda: postgres_server.check_durability(appender))
        findings += _asked("clock", lambda: postgres_server.check_clock(appender))
        findings += _asked("free connections", lambda: postgres_server.check_free_connections(appender))
    return findings + _of_database(settings, sessions)


def _of_database(settings: Settings, sessions: Sessions) -> list[Finding]:
    reader, relay = sessions.get("reader"), sessions.get("relay")
    if reader is None:
        return []
    findings = _asked("migrations", lambda: schema.check_migrations(reader))
    findings += _asked("shards", lambda: schema.check_shards(reader, settings.shards))
    findings += _asked("blocked streams", lambda: backlog.check_blocked_streams(reader))
    findings += _asked("dead letters", lambda: backlog.check_dead_letters(reader))
    findings += _asked("quarantine and suspense", lambda: unsettled.check_unsettled(reader))
    if relay is not None:
        findings += _asked(
            "relay, projector, reactor and scheduler", lambda: backlog.check_jobs(reader, relay, settings.shards)
        )
    return findings


def _asked(check: str, ask: Callable[[], _Findings]) -> list[Finding]:
    """What cannot be asked is wrong as well: a table that is not there, a right that was taken."""
    try:
        found = ask()
    except psycopg.Error as error:
        return [failure(check, f"cannot be asked: {type(error).__name__}", "run `usage-ledger migrate`")]
    return found if isinstance(found, list) else [found]
