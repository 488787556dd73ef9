"""Snapshots, the cache and a fresh load give the same answers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from appender.ledger import Ledger
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS
from usage_ledger.snapshots import SNAPSHOT_EVERY
from usage_ledger.store import LedgerStore
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace


def test_a_stream_with_a_snapshot_loads_to_the_same_balance(
    ledger: Ledger, open_store: Callable[[], LedgerStore]
) -> None:
    for n in range(SNAPSHOT_EVERY + 5):
        ledger.send(ledger.usage(f"a{n}"))
    store = open_store()
    with store.transaction([0, 1, 2, 3]) as transaction:
        (snapshot,) = transaction.snapshots(["acme/account-main"]).values()
    assert snapshot.stream_version == SNAPSHOT_EVERY
    fresh = Ledger(Appender(store, ledger.clock, HANDLERS), ledger.clock)
    assert (fresh.balance(), ledger.balance()) == ("99.934750000", "99.934750001")


def test_a_stream_that_began_in_this_group_is_known_to_the_rest_of_it(ledger: Ledger) -> None:
    registered, used = ledger.send_all(
        ledger.submission(RegisterWorkspace("new", account_id="main")),
        ledger.submission(ledger.usage("a1", workspace="new")),
    )
    assert registered.outcome == "accepted"
    (item,) = msgspec.json.decode(used.answer)["items"]
    assert (item["status"], item["account_id"]) == ("accepted", "main")


@pytest.mark.parametrize("expected", [0, 7])
def test_a_version_conflict_is_answered_and_not_kept_under_the_id(ledger: Ledger, expected: int) -> None:
    change = ChangeBillingMode("ws", mode="byok", reason="own key", expected_version=expected)
    conflict = ledger.send(change, command_id="change-1")
    assert (conflict.code, conflict.facts["current_version"]) == ("version_conflict", "1")
    right = msgspec.structs.replace(change, expected_version=1)
    assert ledger.send(right, command_id="change-1").outcome == "accepted"
