"""What accounts and workspaces were by then, folded from the store; the views are not asked."""

from __future__ import annotations

import pytest

from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger_views.replaying import past
from views.recorded import NOW

USD = 1_000_000_000


@pytest.fixture(autouse=True)
def nothing_projected(history, stored):
    stored()


def balances(told):
    return {each["account_id"]: each["posted"] for each in told.answer["balances"]}


def test_balances_entries_and_modes_as_of_a_position(command):
    told = command("replay", "--to", "0-7")
    assert (told.code, told.answer["positions"], told.answer["events"]) == (0, ["0-7"], 7)
    assert balances(told) == {"main": "0.0000009", "other": "0.0000005"}
    assert [each["type"] for each in told.answer["entries"]] == ["usage", "purchase", "purchase"]
    (mode,) = told.answer["modes"]
    assert (mode["mode"], mode["payer"]) == ("platform_managed", "main")


def test_as_of_now_without_a_point(command):
    told = command("replay", "--workspace", "ws")
    (mode,) = told.answer["modes"]
    assert (mode["mode"], mode["override"], told.answer["events"]) == ("byok", "byok", 3)


@pytest.mark.parametrize(("after_events", "seen"), [(0, 0), (6, 6), (7, 7), (9, 9), (1_000, 9)])
def test_as_of_a_time_everything_recorded_by_then_is_in(command, after_events, seen):
    told = command("replay", "--to", format_micros(NOW + after_events * 1_000_000))
    assert (told.answer["events"], told.code) == (seen, 0 if seen else 1)


def test_one_account_by_itself(command):
    told = command("replay", "--account", "other", "--tenant", "acme", "--to", "0-9")
    assert told.code == 2, "acme's own shard is another one in this test"
    told = command("replay", "--account", "other", "--to", "0-9")
    assert balances(told) == {"other": "0.0000005"}
    assert [(each["account_id"], each["effect"]) for each in told.answer["entries"]] == [("other", "0.0000005")]
    assert told.answer["modes"] == []


def test_nothing_found_is_a_no(command):
    told = command("replay", "--account", "nobody")
    assert (told.code, told.answer["balances"]) == (1, [])


@pytest.mark.parametrize("to", ["0-10", "9-1", "yesterday", "2026-05-01"])
def test_a_point_that_is_none_is_wrong_input(command, to):
    assert command("replay", "--to", to).code == 2


def test_lists_are_bounded_and_say_how_much_there_is(command, monkeypatch):
    monkeypatch.setattr(past, "LISTED_MAX", 1)
    told = command("replay", "--to", "0-9")
    assert (len(told.answer["balances"]), told.answer["accounts"]) == (1, 2)
    assert (len(told.answer["entries"]), told.answer["entries_count"]) == (1, 4)
