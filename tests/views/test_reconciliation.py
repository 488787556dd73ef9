"""The figures of every account follow from its journal lines; what does not is named by account and figure (J5, J6)."""

from __future__ import annotations

import pytest

from usage_ledger_views.reconciliation.queries import list_differences
from views.recorded import Shard, item, line

pytestmark = pytest.mark.rule("J5")


@pytest.fixture
def differences(ask):
    return lambda **asked: ask(lambda connection: list_differences(connection, 0, "acme", **asked))


@pytest.fixture
def busy(shard, writer) -> Shard:
    """Credit that came in, was used up and overdrawn; an invoiced account; one of nothing."""
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    shard.usage([item(300)], debits=[line(2000, "debit", 300, "lot-2")], balance_after=700)
    shard.usage([item(900)], debits=[line(2000, "debit", 700, "lot-2"), line(1300, "debit", 200)], balance_after=-200)
    shard.open_account("billed", funding="invoiced", credit_limit=None)
    shard.usage([item(50)], debits=[line(1200, "debit", 50)], account_id="billed")
    shard.open_account("idle")
    writer.write(shard.on_topic())
    return shard


def test_what_was_only_projected_reconciles(busy, differences):
    page = differences()
    assert (page.items, page.next, page.incomplete) == ((), None, False)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("account_balances SET posted = posted + 1", [("effects", -200, -199), ("posted", -200, -199)]),
        ("account_balances SET overdraft = 7", [("overdraft", 200, 7)]),
        ("account_balances SET held = 7", [("held", 0, 7)]),
        ("account_balances SET unbilled = 7", [("unbilled", 0, 7)]),
        ("account_lots SET remaining = 7", [("lots", 0, 7)]),
        ("account_entries SET effect = effect + 1", [("effects", -197, -200)]),
        ("usage_summary SET charged = 7", [("charged", 1_200, 7)]),
    ],
)
def test_a_figure_that_was_changed_is_named_with_both_sides(busy, differences, projector_connection, change, expected):
    projector_connection.execute(f"UPDATE views.{change} WHERE account_id = 'main'")
    found = [(each.figure, each.lines, each.stored) for each in differences().items]
    assert found == expected
    assert {each.account_id for each in differences(account_id="main").items} == {"main"}
    assert differences(account_id="billed").items == ()


def test_an_entry_that_does_not_balance_is_named(busy, differences, projector_connection):
    lines = '[{"type": "usage", "lines": [{"code": 1200, "side": "debit", "amount": 50, "lot": null}]}]'
    projector_connection.execute(
        "UPDATE views.account_entries SET entries = %s::jsonb WHERE account_id = 'billed'", (lines,)
    )
    assert [(each.figure, each.lines, each.stored) for each in differences().items] == [
        ("balanced", 50, 0),
        ("charged", 0, 50),
    ]


def test_pages_miss_nothing(busy, differences, projector_connection):
    projector_connection.execute("UPDATE views.account_balances SET unbilled = 7, overdraft = 7")
    first = differences(limit=4)
    second = differences(limit=4, after=first.next)
    named = [(each.account_id, each.figure) for each in (*first.items, *second.items)]
    assert named == [
        (account, figure) for account in ("billed", "idle", "main") for figure in ("overdraft", "unbilled")
    ]
    assert second.next is None


def test_another_tenants_differences_are_not_told(writer, differences, projector_connection):
    other = Shard(tenant="other")
    other.open_account()
    writer.write(other.on_topic())
    projector_connection.execute("UPDATE views.account_balances SET posted = 7")
    assert differences().items == ()
