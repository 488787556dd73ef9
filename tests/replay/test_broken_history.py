"""A store whose history cannot be folded is said to be broken, and where."""

from __future__ import annotations

import pytest

from usage_ledger_views.replaying import history_fold
from views.recorded import ACCOUNT, detail, item, line


@pytest.fixture
def projected(history, stored, writer):
    stored()
    writer.write(history.on_topic())
    return history


def broken(told):
    return [(each["position"], each["stream"], each["reason"]) for each in told.answer["broken"]]


def test_a_hole_in_the_positions_is_named(projected, owner, command):
    owner.execute("DELETE FROM ledger.events WHERE position = 6")
    told = command("replay")
    assert told.code == 1
    assert broken(told) == [("0-6", None, "positions_hole")]


def test_a_hole_in_the_versions_of_a_stream_is_named(projected, owner, command):
    owner.execute("DELETE FROM ledger.events WHERE position = 7")
    told = command("replay")
    assert told.code == 1
    assert broken(told) == [("0-7", None, "positions_hole"), ("0-8", ACCOUNT, "gap")]


def test_a_store_that_ends_before_the_views_is_named(projected, owner, command):
    owner.execute("DELETE FROM ledger.events WHERE position > 4")
    told = command("replay")
    assert told.code == 1
    assert broken(told) == [("0-4", None, "history_ends")]


def test_a_stored_body_that_nobody_can_read_is_named_and_the_rest_is_folded(projected, owner, command):
    owner.execute("UPDATE ledger.events SET body = 'poison' WHERE position = 7")
    told = command("replay")
    assert broken(told) == [("0-7", ACCOUNT, "undecodable")]
    assert {each["key"]["account_id"] for each in told.answer["differences"] if "account_id" in each["key"]} == {"main"}


def test_an_event_that_the_views_cannot_apply_is_named_and_the_rest_is_folded(history, stored, writer, command):
    unknown = {"other_buckets": [{"bucket": "no_such_bucket", "quantity": 1}]}
    history.usage([item(1, detail=detail(**unknown))], debits=[line(2000, "debit", 1, "lot-2")], balance_after=799)
    history.purchase(1, balance_after=501, account_id="other", lot="lot-9")
    stored()
    writer.write(history.on_topic())
    told = command("replay")
    assert (told.code, told.answer["differences"]) == (1, [])
    assert broken(told) == [("0-10", ACCOUNT, "apply_failed")]
    assert told.answer["blocked_streams"] == [ACCOUNT]


def test_an_event_that_cannot_be_written_is_named_and_the_rest_is_folded(history, stored, writer, command):
    history.usage([item(1)], debits=[line(2000, "debit", 1, "no-such-lot")], balance_after=799)
    history.purchase(1, balance_after=501, account_id="other", lot="lot-9")
    stored()
    writer.write(history.on_topic())
    told = command("replay")
    assert (told.code, told.answer["differences"]) == (1, [])
    assert broken(told) == [("0-10", ACCOUNT, "write_failed")]


def test_no_more_than_a_bounded_number_is_kept(projected, owner, command, monkeypatch):
    monkeypatch.setattr(history_fold, "BROKEN_MAX", 2)
    owner.execute("UPDATE ledger.events SET body = 'poison'")
    assert len(command("replay").answer["broken"]) == 2
