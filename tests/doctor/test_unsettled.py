"""Usage that waits in quarantine or suspense is counted, with why, for how long and what is at risk."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from usage_ledger.diagnosis.finding import Finding
from usage_ledger.diagnosis.unsettled import Waiting, check_unsettled, judge_waiting

KEEP = """
    INSERT INTO views.quarantine
           (tenant, source, attempt_id, disposition, workspace_id, reason, amount_at_risk, currency, occurred_at, raw,
            since, position, place)
    SELECT 'acme', 's', n::text, 'waiting', 'ws', %s, %s, %s, 0, '',
           (extract(epoch FROM now()) * 1000000)::bigint - 7200 * 1000000::bigint, nextval('n'), 0
      FROM generate_series(1, %s) AS n
"""


@pytest.fixture
def owner(ledger_database: str):
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY SEQUENCE n")
        yield connection


@pytest.fixture
def found(ledger_database: str):
    """What the reader's role is told, by check."""

    def ask() -> dict[str, Finding]:
        with psycopg.connect(make_conninfo(ledger_database, user="ledger_reader"), autocommit=True) as reader:
            return {finding.check: finding for finding in check_unsettled(reader)}

    return ask


def test_when_nothing_waits_all_is_well(found) -> None:
    assert {name: finding.level for name, finding in found().items()} == {"quarantine": "ok", "suspense": "ok"}


def test_what_waits_in_quarantine_is_counted_by_reason_with_its_age_and_what_is_at_risk(
    found, owner: Connection[Any]
) -> None:
    owner.execute(KEEP, ("no_pin", 1_500_000_000, "USD", 3))
    finding = found()["quarantine"]
    assert finding.level == "warning"
    assert finding.found.startswith("3 no_pin; for up to 2:00:")
    assert finding.found.endswith("at risk 4.50 USD")
    assert "GET /v1/quarantine" in finding.mend


def test_a_line_in_suspense_is_counted(found, owner: Connection[Any]) -> None:
    owner.execute(
        "INSERT INTO views.suspense (tenant, source, attempt_id, account_id, workspace_id, model, reason, occurred_at,"
        " since, position, place) VALUES ('acme', 's', 'a', 'main', 'ws', 'm', 'no_price', 0, 0, 1, 0)"
    )
    finding = found()["suspense"]
    assert finding.level == "warning"
    assert "1 no_price" in finding.found
    assert "at risk" not in finding.found


def test_the_most_frequent_reasons_are_named_and_the_oldest_item_tells_the_age() -> None:
    waiting = [Waiting(reason, 9 - place, place * 60) for place, reason in enumerate("abcd")]
    finding = judge_waiting("suspense", waiting, {"EUR": 10**9, "USD": 2 * 10**9}, "mend it")
    assert finding.found == "9 a, 8 b, 7 c, …; for up to 0:03:00; at risk 1.00 EUR, 2.00 USD"
