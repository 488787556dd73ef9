"""What waits, contradicts or was refused is replayed like the rest: in a digest, and named where it differs."""

from __future__ import annotations

import pytest

from views.open_items import conflict, judged, kept, note, refuse
from views.recorded import NOW, TENANT, Shard, item

QUARANTINE = f"{TENANT}/quarantine"


@pytest.fixture
def open_items(history: Shard, stored, writer) -> Shard:
    """Of each kind something that is listed, and something that was and is no longer."""
    unpriced = [item(attempt_id=each, outcome="no_price") for each in ("suspended", "rated")]
    history.usage(unpriced, balance_after=800)
    history.rate([item(0, attempt_id="rated")], debits=[], balance_after=800)
    history.record(QUARANTINE, "UsageQuarantined", items=[kept("waits"), kept("booked"), kept("no", "rejected")])
    history.record(QUARANTINE, "WaitingUsageJudged", items=[judged("booked"), judged("waits", "no_pin")])
    history.record(QUARANTINE, "UsageQuarantined", items=[kept("no", "rejected", occurred_at=NOW + 1)])
    note(history, conflict("a"))
    refuse(history, "account_exists", account="main")
    stored()
    # One event a batch, so that what comes and goes does so in tables and not in memory.
    for record in history.on_topic():
        writer.write([record])
    return history


def test_the_lists_agree_with_history(open_items, command):
    told = command("replay")
    assert (told.code, told.answer["differences"]) == (0, [])
    rows = {name: told.answer["views"][name]["rows"] for name in ("suspense", "quarantine", "conflicts", "refusals")}
    assert rows == {"suspense": 1, "quarantine": 2, "conflicts": 1, "refusals": 1}


@pytest.mark.parametrize(
    ("view", "column", "value"),
    [
        ("suspense", "amount_at_risk", "7"),
        ("quarantine", "reason", "'workspace_not_found'"),
        ("conflicts", "kind", "'suspected_duplicate'"),
        ("refusals", "facts", "'{}'"),
    ],
)
def test_a_list_that_was_changed_is_named(open_items, owner, command, view, column, value):
    owner.execute(f"UPDATE views.{view} SET {column} = {value}")
    told = command("replay")
    assert told.code == 1
    assert {(each["view"], each["column"]) for each in told.answer["differences"]} == {(view, column)}


@pytest.mark.parametrize("view", ["suspense", "quarantine", "conflicts", "refusals"])
def test_an_item_that_is_missing_is_named(open_items, owner, command, view):
    owner.execute(f"DELETE FROM views.{view}")
    told = command("replay")
    assert (told.code, {each["live"] for each in told.answer["differences"]}) == (1, {"absent"})
    assert {each["view"] for each in told.answer["differences"]} == {view}
