"""Every role gets in, or the doctor says why not; nothing of a DSN is shown."""

from __future__ import annotations

import pytest
from psycopg.conninfo import make_conninfo

from doctor.conftest import Examine
from usage_ledger.diagnosis.logins import logins
from usage_ledger.settings import Settings

NOBODY_LISTENS = "host=127.0.0.1 port=1 user=ledger_reader dbname=d"


def test_every_role_of_the_settings_gets_in(examined: Examine) -> None:
    found = examined()
    roles = [login.role for login in logins(Settings())]
    assert {"owner", "appender", "relay", "projector", "reader"} <= set(roles)
    assert [found[f"login {role}"].level for role in roles] == ["ok"] * len(roles)


def test_where_nobody_listens_is_unreachable(examined: Examine) -> None:
    login = examined(postgres_reader_dsn=NOBODY_LISTENS)["login reader"]
    assert (login.level, login.found) == ("unreachable", "Connection refused")


def test_a_role_that_does_not_exist_is_a_failure(examined: Examine, ledger_database: str) -> None:
    login = examined(postgres_relay_dsn=make_conninfo(ledger_database, user="nobody_ever"))["login relay"]
    assert login.level == "failure"
    assert "does not exist" in login.found


def test_a_database_that_does_not_exist_is_a_failure(examined: Examine, ledger_database: str) -> None:
    dsn = make_conninfo(ledger_database, user="ledger_relay", dbname="no_such_database")
    assert examined(postgres_relay_dsn=dsn)["login relay"].level == "failure"


def test_an_owner_who_is_not_let_in_is_only_a_warning(examined: Examine) -> None:
    assert examined(postgres_owner_dsn=NOBODY_LISTENS)["login owner"].level == "warning"


@pytest.mark.parametrize(
    "dsn",
    [
        "s3cret",
        "postgresql://ledger_reader:p@ss-s3cret@127.0.0.1:1/d",
        "postgresql://ledger_reader:s3cret@nowhere.invalid/d",
        "host=127.0.0.1 port=s3cret",
        "host=127.0.0.1 port=1 password=s3cret",
    ],
)
def test_nothing_of_a_dsn_is_shown(examined: Examine, dsn: str) -> None:
    found = examined(postgres_reader_dsn=dsn)
    assert found["login reader"].level in ("failure", "unreachable")
    assert "s3cret" not in str(found)
