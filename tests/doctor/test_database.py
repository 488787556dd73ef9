"""What is in the database: migrations, shards, and everything that waits for somebody."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from doctor.conftest import Examine
from usage_ledger.diagnosis.backlog import LAG_WARNING_EVENTS, judge_job


def test_a_fresh_database_is_well_but_nobody_serves_it(examined: Examine) -> None:
    found = examined()
    names = ("migrations of the ledger", "migrations of the views", "shards", "blocked streams", "dead letters")
    assert {found[name].level for name in names} == {"ok"}
    assert {found[job].level for job in ("relay", "projector", "reactor", "scheduler")} == {"warning"}
    assert {found[place].level for place in ("quarantine", "suspense")} == {"ok"}


@pytest.mark.parametrize(
    ("table", "check"),
    [("public.ledger_migrations", "migrations of the ledger"), ("views.migrations", "migrations of the views")],
)
def test_a_migration_that_is_missing_or_newer_is_found(
    examined: Examine, owner: Connection[Any], table: Any, check: str
) -> None:
    owner.execute(f"INSERT INTO {table} (name) VALUES ('9999_tomorrow.sql')")
    assert examined()[check].level == "warning"
    owner.execute(f"DELETE FROM {table} WHERE name LIKE '0001%'")
    finding = examined()[check]
    assert finding.level == "failure"
    assert "0001" in finding.found


def test_another_number_of_shards_is_a_failure(examined: Examine) -> None:
    finding = examined(shards=8)["shards"]
    assert finding.level == "failure"
    assert "4 shards" in finding.found


def test_a_database_that_was_never_migrated_is_told_so(examined: Examine, database: str) -> None:
    dsns = {f"postgres_{role}_dsn": database for role in ("appender", "relay", "projector", "reader", "owner")}
    found = examined(**dsns)
    assert found["migrations"].level == "failure"
    assert "migrate" in found["migrations"].mend


def test_events_that_nobody_publishes_or_folds_are_a_failure(examined: Examine, owner: Connection[Any]) -> None:
    owner.execute("UPDATE ledger.shards SET last_position = 5 WHERE shard = 1")
    found = examined()
    for job in ("relay", "projector", "reactor"):
        assert found[job].level == "failure"
        assert "5 events" in found[job].found


def test_accounts_that_are_overdue_are_a_failure(examined: Examine, owner: Connection[Any]) -> None:
    owner.execute("INSERT INTO ledger.due VALUES ('acme', 'main', 1, 0), ('acme', 'later', 1, 9000000000000000)")
    assert (examined()["scheduler"].level, "1 accounts overdue" in examined()["scheduler"].found) == ("failure", True)


def test_leases_that_are_held_are_seen(examined: Examine, owner: Connection[Any]) -> None:
    owner.execute(
        "INSERT INTO ledger.leases SELECT 'relay-' || n, 'somebody', now() + interval '1 hour'"
        " FROM generate_series(0, 3) AS n"
    )
    found = examined()
    assert (found["relay"].level, found["projector"].level) == ("ok", "warning")
    owner.execute("UPDATE ledger.leases SET until = now() - interval '1 s' WHERE name = 'relay-2'")
    assert examined()["relay"].found.startswith("3 of 4")


def test_a_job_that_falls_far_behind_is_a_warning() -> None:
    assert judge_job("relay", "events not published yet", 4, 4, LAG_WARNING_EVENTS).level == "ok"
    assert judge_job("relay", "events not published yet", 4, 4, LAG_WARNING_EVENTS + 1).level == "warning"


def test_a_blocked_stream_is_a_failure_and_the_repair_is_named(examined: Examine, owner: Connection[Any]) -> None:
    owner.execute(
        "INSERT INTO views.blocked_streams (stream_id, shard, reason, detail, record_offset, last_version)"
        " VALUES ('acme/account-a', 1, 'gap', '', 7, 2)"
    )
    finding = examined()["blocked streams"]
    assert finding.level == "failure"
    assert finding.mend == "run `usage-ledger repair acme/account-a`"


def test_dead_letters_are_counted_and_their_content_is_not_shown(examined: Examine, owner: Connection[Any]) -> None:
    owner.execute(
        'INSERT INTO ledger.dead_letters (topic, partition, "offset", digest, reason, size, head, received_at)'
        " SELECT 'commands', 0, n, 'd', 'not_a_frame', 3, 'secret', 0 FROM generate_series(1, 3) AS n"
    )
    finding = examined()["dead letters"]
    assert (finding.level, finding.found) == ("warning", "3 not_a_frame")
