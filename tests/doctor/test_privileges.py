"""Least privilege, exactly: one right too many or too few is found, whichever way it was given."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from doctor.conftest import Examine
from usage_ledger.diagnosis.logins import OWNER, logins
from usage_ledger.settings import Settings

ROLES = [login.role for login in logins(Settings()) if login.role != OWNER]


def test_after_migrate_every_role_has_exactly_its_rights(examined: Examine) -> None:
    found = examined()
    wrong = [found[f"privileges {role}"] for role in ROLES if found[f"privileges {role}"].level != "ok"]
    assert wrong == []


@pytest.mark.parametrize(
    ("change", "role", "said"),
    [
        ("GRANT UPDATE ON ledger.events TO ledger_appender", "appender", "may UPDATE ledger.events"),
        ("GRANT DELETE ON ledger.events TO ledger_appender", "appender", "may DELETE ledger.events"),
        ("GRANT UPDATE (body) ON ledger.events TO ledger_appender", "appender", "may UPDATE (body) ledger.events"),
        ("GRANT TRUNCATE ON ledger.events_0 TO ledger_appender", "appender", "may TRUNCATE ledger.events_0"),
        ("GRANT UPDATE ON ledger.service_keys TO ledger_appender", "appender", "may UPDATE ledger.service_keys"),
        ("GRANT INSERT ON views.progress TO ledger_reader", "reader", "may INSERT views.progress"),
        ("GRANT INSERT ON ledger.events TO PUBLIC", "reader", "may INSERT ledger.events"),
        ("GRANT DELETE ON ledger.commands TO ledger_relay", "relay", "may DELETE ledger.commands"),
        ("GRANT SELECT ON ledger.events TO ledger_projector", "projector", "may SELECT ledger.events"),
        ("REVOKE INSERT ON ledger.events FROM ledger_appender", "appender", "may not INSERT ledger.events"),
        ("REVOKE SELECT ON ledger.shards FROM ledger_relay", "relay", "may not SELECT ledger.shards"),
        ("REVOKE DELETE ON views.progress FROM ledger_projector", "projector", "may not DELETE views.progress"),
        (
            "REVOKE UPDATE ON ledger.service_keys FROM ledger_appender",
            "appender",
            "may not UPDATE (old_secret_hash, old_valid_until, revoked_at, secret_hash) ledger.service_keys",
        ),
        ("GRANT CREATE ON SCHEMA ledger TO ledger_reader", "reader", "a maker of tables in our schemas"),
    ],
)
def test_one_right_too_many_or_too_few_is_found(
    examined: Examine, owner: Connection[Any], change: Any, role: str, said: str
) -> None:
    owner.execute(change)
    finding = examined()[f"privileges {role}"]
    assert finding.level == "failure"
    assert said in finding.found


def test_a_superuser_stands_above_every_grant(examined: Examine, ledger_database: str) -> None:
    finding = examined(postgres_reader_dsn=ledger_database)["privileges reader"]
    assert finding.level == "failure"
    assert "a superuser" in finding.found
