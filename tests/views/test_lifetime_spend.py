"""What an account ever spent: usage and fees, whatever they were paid from; not refunds, disputes or expiry."""

from __future__ import annotations

import pytest

from usage_ledger_views.lifetime_spend.queries import read_lifetime_spend
from views.recorded import ACCOUNT, item, line

FEE = {
    "account_id": "main",
    "currency": "USD",
    "fee": "storage",
    "period": "2026-05",
    "requested": 40,
    "charged": 40,
    "shortfall": 0,
    "allocations": [],
    "held_after": 0,
}


@pytest.fixture
def spent(ask):
    return lambda account_id="main": ask(lambda connection: read_lifetime_spend(connection, 0, "acme", account_id))


def test_usage_and_fees_count_and_what_came_in_does_not(shard, writer, spent):
    shard.open_account()
    shard.purchase(100, balance_after=100)
    shard.usage([item(70)], debits=[line(2000, "debit", 70, "lot-2")], balance_after=30)
    lines = [line(2000, "debit", 30, "lot-2"), line(1300, "debit", 10), line(4040, "credit", 40)]
    shard.record(ACCOUNT, "FeeCharged", **FEE, entries=[{"type": "fee", "lines": lines}], balance_after=-10)
    writer.write(shard.on_topic())
    found = spent()
    assert (found.currency, found.usage, found.fees) == ("USD", 70, 40)


def test_a_fee_that_is_invoiced_counts_though_it_moves_no_balance(shard, writer, spent):
    shard.open_account(funding="invoiced")
    lines = [line(1200, "debit", 40), line(4040, "credit", 40)]
    shard.record(ACCOUNT, "FeeCharged", **FEE, entries=[{"type": "fee", "lines": lines}], balance_after=0)
    writer.write(shard.on_topic())
    assert spent().fees == 40


@pytest.mark.rule("A5")
def test_a_new_account_has_spent_nothing_and_an_unknown_one_is_unknown(shard, writer, spent):
    shard.open_account()
    writer.write(shard.on_topic())
    assert (spent().usage, spent().fees) == (0, 0)
    assert spent("ghost") is None
