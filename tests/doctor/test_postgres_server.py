"""The server itself. The servers of a test run are made to forget at a crash, which is what the doctor must notice."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection, sql

from doctor.conftest import Examine
from usage_ledger.diagnosis import postgres_server
from usage_ledger.diagnosis.postgres_server import (
    check_clock,
    judge_disk,
    judge_durability,
    judge_free_connections,
    judge_version,
)

GIB = 1 << 30


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_may_forget_is_a_failure(examined: Examine, name: str) -> None:
    assert examined()[name].level == "failure"
    assert judge_durability(name, "on").level == "ok"


def test_what_counts_is_the_setting_of_the_appenders_own_session(examined: Examine, owner: Connection[Any]) -> None:
    database = sql.Identifier(owner.info.dbname)
    owner.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(database))
    assert examined()["synchronous_commit"].level == "ok"
    owner.execute(sql.SQL("ALTER ROLE ledger_appender IN DATABASE {} SET synchronous_commit = off").format(database))
    assert examined()["synchronous_commit"].level == "failure"


def test_the_rest_of_a_fresh_server_is_well(examined: Examine) -> None:
    found = examined()
    for check in ("postgres version", "clock", "free connections", "transport appender"):
        assert found[check].level == "ok", found[check]
    assert "GiB are free" in found["disk"].found


def test_too_few_free_connections_are_a_warning(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "FREE_CONNECTIONS_MIN", 1_000_000)
    assert examined()["free connections"].level == "warning"
    assert judge_free_connections(0).level == "warning"


@pytest.mark.parametrize(("ahead_s", "level"), [(0, "ok"), (5, "warning"), (-5, "warning"), (90, "failure")])
def test_a_clock_that_differs_is_found_either_way(owner: Connection[Any], ahead_s: float, level: str) -> None:
    row = owner.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
    now = float(row[0]) + ahead_s
    assert check_clock(owner, lambda: now).level == level


@pytest.mark.parametrize(("version", "level"), [(140_019, "failure"), (150_000, "ok"), (180_001, "ok")])
def test_postgres_15_is_the_oldest(version: int, level: str) -> None:
    assert judge_version(version, "shown").level == level


@pytest.mark.parametrize(
    ("free", "total", "level"), [(GIB - 1, GIB, "failure"), (2 * GIB, 100 * GIB, "warning"), (50 * GIB, 99 * GIB, "ok")]
)
def test_a_full_disk_is_told_before_it_is_full(free: int, total: int, level: str) -> None:
    assert judge_disk(free, total).level == level
