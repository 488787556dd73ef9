"""Replay equals the live views, or says exactly where it does not."""

from __future__ import annotations

import psycopg
import pytest

from publishing.stored import store
from usage_ledger.adapters.postgres import stored_history
from usage_ledger.entrypoints.cli.delivered_history import DeliveredHistory
from usage_ledger.entrypoints.cli.sessions import reading_session, writing_session
from usage_ledger.streams import shard_of
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.replaying.replay import Replay
from usage_ledger_views.views import VIEWS
from views.recorded import ACCOUNT, Shard, item, line
from waiting import eventually


@pytest.fixture
def projected(history, stored, writer):
    """Everything stored and in the views."""
    stored()
    writer.write(history.on_topic())
    return history


def test_views_that_hold_what_history_says_agree(projected, command):
    told = command("replay")
    assert (told.code, told.answer["agrees"], told.answer["differences"]) == (0, True, [])
    assert told.answer["positions"] == [f"0-{len(projected.events)}", "1-0", "2-0", "3-0"]
    assert told.answer["events"] == len(projected.events)
    for view in VIEWS:
        digests = told.answer["views"][view.name]
        assert digests["live"] == digests["replayed"]
    assert told.answer["views"]["account_balances"]["rows"] == 4  # two accounts, two lots


TAMPERINGS = [
    ("account_balances", "account_balances", "posted", "account_id = 'main'", 801),
    ("account_balances", "account_lots", "remaining", "account_id = 'main'", 0),
    ("account_entries", "account_entries", "running_balance", "account_id = 'main' AND position = 7", 1),
    ("usage_summary", "usage_summary", "input_tokens", "true", 21),
    ("workspace_billing", "workspace_billing", "mode", "true", "'disabled'"),
]


@pytest.mark.parametrize(("view", "table", "column", "where", "value"), TAMPERINGS, ids=lambda each: str(each))
def test_a_value_that_was_changed_is_named_by_view_key_and_column(
    projected, owner, command, view, table, column, where, value
):
    owner.execute(f"UPDATE views.{table} SET {column} = {value} WHERE {where}")
    told = command("replay")
    assert told.code == 1
    found = next(each for each in told.answer["differences"] if each["column"] == column)
    assert (found["view"], found["table"]) == (view, table)
    assert found["key"]["tenant"] == "acme"
    assert found["live"] == str(value).strip("'") != found["replayed"]
    differing = [name for name, each in told.answer["views"].items() if each["live"] != each["replayed"]]
    assert differing == [view]


def test_a_row_that_is_missing_and_one_that_is_too_many_are_named(projected, owner, command):
    owner.execute("UPDATE views.account_balances SET account_id = 'mine' WHERE account_id = 'main'")
    told = command("replay")
    rows = {each["key"]["account_id"]: (each["live"], each["replayed"]) for each in told.answer["differences"]}
    assert (told.code, rows) == (1, {"main": ("absent", "present"), "mine": ("present", "absent")})
    assert {each["column"] for each in told.answer["differences"]} == {"*"}


def test_differences_beyond_the_first_hundred_are_counted(projected, owner, command):
    owner.execute(
        "INSERT INTO views.account_lots SELECT 'acme', 'main', 'false-' || n, 'promo', 1, 1, 1, 1, 1, 1, 1"
        " FROM generate_series(1, 150) AS n"
    )
    told = command("replay")
    assert (told.code, len(told.answer["differences"]), told.answer["differing"]) == (1, 100, 150)


def test_views_are_compared_where_they_stand_though_the_store_is_ahead(projected, stored, command):
    reached = len(projected.events)
    projected.usage([item(100)], debits=[line(2000, "debit", 100, "lot-2")], balance_after=700)
    stored()
    told = command("replay")
    assert (told.code, told.answer["positions"][0]) == (0, f"0-{reached}")


def test_a_projector_that_goes_on_meanwhile_disturbs_nothing(projected, stored, writer, ledger_database):
    with reading_session(ledger_database) as live, writing_session(ledger_database) as scratch:
        again = Replay(live, scratch, VIEWS, DeliveredHistory(live))
        until = again.positions()
        projected.usage([item(100)], debits=[line(2000, "debit", 100, "lot-2")], balance_after=700)
        stored()
        writer.write(projected.on_topic()[-1:])
        found = again.compare(until, None, lambda _: None)
    assert (found.agrees, until[0]) == (True, len(projected.events) - 1)


def test_the_digest_does_not_depend_on_the_size_of_pages(projected, command, monkeypatch):
    whole = command("replay").answer["views"]
    monkeypatch.setattr(stored_history, "PAGE_EVENTS", 1)
    assert command("replay").answer["views"] == whole


@pytest.fixture
def two_tenants(owner, projector_connection):
    """An account of the same name for each, in the tenants' own shards, stored and in the views."""
    for tenant in ("beta", "gamma"):
        own = Shard(shard_of(tenant, 4), tenant)
        own.open_account("main")
        store(owner, own.events)
        BatchWriter(projector_connection, VIEWS, [own.shard]).write(own.on_topic())


def test_equal_ids_of_two_tenants_stay_apart(two_tenants, command):
    told = command("replay")
    assert (told.code, told.answer["views"]["account_balances"]["rows"]) == (0, 2)


def test_one_tenant_is_compared_by_itself(two_tenants, owner, command):
    owner.execute("UPDATE views.account_balances SET posted = 1 WHERE tenant = 'gamma'")
    told = command("replay", "--tenant", "beta")
    assert (told.code, told.answer["events"]) == (0, 1)
    told = command("replay", "--tenant", "gamma")
    assert (told.code, {each["key"]["tenant"] for each in told.answer["differences"]}) == (1, {"gamma"})


def test_a_blocked_stream_is_named_and_the_answer_is_no(history, stored, writer, command):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 6])
    told = command("replay")
    assert (told.code, told.answer["blocked_streams"]) == (1, [ACCOUNT])
    accounts = {each["key"]["account_id"] for each in told.answer["differences"] if "account_id" in each["key"]}
    assert accounts == {"main"}


def test_an_event_that_never_reached_the_views_is_found_though_nothing_is_blocked(history, stored, writer, command):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 7])
    told = command("replay")
    assert (told.code, told.answer["blocked_streams"]) == (1, [])
    posted = next(each for each in told.answer["differences"] if each["column"] == "posted")
    assert (posted["live"], posted["replayed"]) == ("900", "800")


def test_nothing_is_left_behind(projected, owner, command):
    relations = "SELECT relnamespace, relname FROM pg_class ORDER BY 1, 2"
    before = owner.execute(relations).fetchall()
    assert command("replay").code == 0
    eventually(lambda: owner.execute(relations).fetchall() == before)


def test_the_session_that_reads_the_ledger_can_write_nothing(projected, ledger_database):
    with reading_session(ledger_database) as live, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        live.execute("DELETE FROM views.account_lots")


def test_a_role_without_temporary_tables_is_told_so(projected, owner, command):
    name = owner.info.dbname
    owner.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
    told = command("replay")
    assert told.code == 2
    assert "temporary" in told.answer["error"]


def test_a_page_is_cut_by_bytes_too(projected, command, monkeypatch):
    whole = command("replay").answer
    monkeypatch.setattr(stored_history, "PAGE_BYTES", 500)
    monkeypatch.setattr(stored_history, "FETCHED_EVENTS", 2)
    told = command("replay").answer
    assert (told["views"], told["events"]) == (whole["views"], whole["events"])
