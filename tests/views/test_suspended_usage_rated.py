"""A price that arrives late is in every figure: the balance, the statement, and the usage's own day."""

from __future__ import annotations

from datetime import date

import pytest

from usage_ledger_views.account_balances.history import Point, read_balance_as_of
from usage_ledger_views.account_balances.queries import read_balance
from usage_ledger_views.account_entries.queries import list_movements
from usage_ledger_views.usage_summary.queries import UsageFilter, summarize_usage
from usage_ledger_views.workspace_billing.queries import read_workspace_billing
from views.recorded import DAY, NOW, item, line, price

LATE = NOW - 3 * DAY
NO_DETAIL = {"margin": None, "minimum_charge": None, "byok_fee": None, "charge_failed": False}


@pytest.fixture
def rated(shard, writer):
    """1,000 bought; two lines recorded without a price three days late; one of them then rated at 300."""
    shard.register_workspace()
    shard.pin_payer()
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    unpriced = [item(outcome="no_price", input=7, occurred_at=LATE), item(outcome="no_price", input=5)]
    shard.usage(unpriced, balance_after=1_000)
    debits = [line(2000, "debit", 300, "lot-2")]
    shard.rate([item(300, input=7, occurred_at=LATE)], debits=debits, balance_after=700, closed=80)
    writer.write(shard.on_topic())
    return shard


def test_the_balance_and_its_lots_fall(rated, ask):
    balance = ask(lambda connection: read_balance(connection, 0, "acme", "main"))
    assert (balance.account.posted, [lot.remaining for lot in balance.lots]) == (700, [700])


def test_the_balance_of_before_is_as_it_was(rated, ask):
    before = Point(position=len(rated.events) - 1)
    balance = ask(lambda connection: read_balance_as_of(connection, 0, "acme", "main", before))
    assert (balance.account.posted, [lot.remaining for lot in balance.lots]) == (1_000, [1_000])


def test_the_statement_shows_the_charge_with_the_suspense_that_it_closed(rated, ask):
    newest = ask(lambda connection: list_movements(connection, 0, "acme", "main")).items[0]
    assert (newest.type, newest.effect, newest.running_balance) == ("usage", -300, 700)
    assert [entry.type for entry in newest.entries] == ["usage", "suspense_closed"]


def test_the_charge_counts_in_the_usages_own_day_and_the_usage_once(rated, ask):
    totals = ask(lambda connection: summarize_usage(connection, 0, "acme", group_by=["day"], chosen=UsageFilter()))
    figures = [(each.requests, each.charged, each.unpriced, each.quantities["input_tokens"]) for each in totals.items]
    assert figures == [(1, 300, 0, 7), (1, 0, 1, 5)]


def test_the_workspace_has_spent_it(rated, ask):
    day = date.fromisoformat("2026-05-25")
    billing = ask(lambda connection: read_workspace_billing(connection, 0, "acme", "ws", day))
    assert (billing.spend_today, billing.requests) == (300, 2)
    assert "unpriced_usage" in billing.warnings


def test_an_alias_that_came_after_the_usage_moves_none_of_it_to_another_model(shard, writer, ask):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    shard.usage([item(outcome="no_price", input=7)], prices=[price("new-name")], balance_after=1_000)
    debits = [line(2000, "debit", 300, "lot-2")]
    aliased = price("model-a") | {"detail": {**NO_DETAIL, "mapped_from": "new-name"}}
    shard.rate([item(300, input=7)], prices=[aliased], debits=debits, balance_after=700)
    writer.write(shard.on_topic())
    totals = ask(lambda connection: summarize_usage(connection, 0, "acme", group_by=["model"], chosen=UsageFilter()))
    figures = [(each.group["model"], each.requests, each.charged, each.unpriced) for each in totals.items]
    assert figures == [("new-name", 1, 300, 0)]
