"""A correction is in every figure: the balance and its lots, the statement, the usage's own hour, suspense (U16)."""

from __future__ import annotations

import pytest

from usage_ledger_views.account_balances.queries import read_balance
from usage_ledger_views.account_entries.queries import list_movements
from usage_ledger_views.suspense.queries import list_suspense
from usage_ledger_views.usage_summary.queries import UsageFilter, summarize_usage
from views.recorded import DAY, NOW, detail, item, line

LATE = NOW - 3 * DAY
WAS = item(300, attempt_id="a1", input=30, occurred_at=LATE, detail=detail(source="console"))
OTHER = item(100, attempt_id="a2", input=10, occurred_at=LATE)


@pytest.fixture
def used(shard):
    """1,000 bought, 400 used by two attempts three days ago."""
    shard.register_workspace()
    shard.pin_payer()
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    shard.usage([WAS, OTHER], debits=[line(2000, "debit", 400, "lot-2")], balance_after=600)
    return shard


@pytest.fixture
def totals(ask):
    def read():
        page = ask(lambda connection: summarize_usage(connection, 0, "acme", group_by=["day"], chosen=UsageFilter()))
        return [(each.requests, each.charged, each.unpriced, each.quantities["input_tokens"]) for each in page.items]

    return read


def test_what_is_given_back_is_in_its_lot_and_in_the_usages_own_day(used, writer, ask, totals):
    now = WAS | {"charged": 120, "input": 12}
    used.correct([WAS], [now], moved=[line(2000, "credit", 180, "lot-2")], balance_after=780)
    writer.write(used.on_topic())
    balance = ask(lambda connection: read_balance(connection, 0, "acme", "main"))
    assert (balance.account.posted, [lot.remaining for lot in balance.lots]) == (780, [780])
    assert totals() == [(2, 220, 0, 22)]
    newest = ask(lambda connection: list_movements(connection, 0, "acme", "main")).items[0]
    assert (newest.type, newest.effect, newest.running_balance) == ("correction", 180, 780)


def test_what_was_debt_and_is_paid_is_a_lot_of_its_own(used, writer, ask):
    now = WAS | {"charged": 250}
    used.correct([WAS], [now], moved=[line(2000, "credit", 50, "lot-4")], balance_after=650, lot="lot-4", lot_amount=50)
    writer.write(used.on_topic())
    balance = ask(lambda connection: read_balance(connection, 0, "acme", "main"))
    assert {lot.lot: (lot.kind, lot.remaining) for lot in balance.lots} == {
        "lot-2": ("purchase", 600),
        "lot-4": ("adjustment", 50),
    }


def test_a_void_line_counts_as_if_it_had_never_been(used, writer, totals):
    nothing = WAS | {"charged": 0, "input": 0, "outcome": "no_usage"}
    used.correct([WAS], [nothing], moved=[line(2000, "credit", 300, "lot-2")], balance_after=900, void=True)
    writer.write(used.on_topic())
    assert totals() == [(1, 100, 0, 10)]


def test_metered_usage_is_counted_anew_and_moves_nothing(shard, writer, totals):
    shard.usage([WAS | {"charged": 0}], account_id=None)
    before, now = WAS | {"charged": 0}, WAS | {"charged": 0, "input": 5}
    shard.correct([before], [now], moved=[], balance_after=None, account_id=None)
    writer.write(shard.on_topic())
    assert totals() == [(1, 0, 0, 5)]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "batch by batch"])
def test_a_line_waits_for_another_amount_or_leaves_suspense(shard, writer, ask, totals, together):
    shard.open_account()
    waits = item(attempt_id="a1", outcome="no_price", detail=detail(source="console", suspense=80))
    less = waits | {"detail": detail(source="console", suspense=30)}
    shard.usage([waits], balance_after=0)
    shard.correct([waits], [less], moved=[], balance_after=0)
    _write(writer, shard.on_topic(), together=together)
    (listed,) = ask(lambda connection: list_suspense(connection, 0, "acme")).items
    assert (listed.attempt_id, listed.amount_at_risk, listed.position) == ("a1", 30, 3)
    shard.correct([less], [less | {"outcome": "price_zero"}], moved=[], balance_after=0)
    writer.write(shard.on_topic()[3:])
    assert ask(lambda connection: list_suspense(connection, 0, "acme")).items == ()
    assert totals() == [(1, 0, 0, 0)]


def _write(writer, records, *, together):
    for batch in [records] if together else [[record] for record in records]:
        writer.write(batch)
