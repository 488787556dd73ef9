"""Lots that expire and roll over, accounts that change their standing and limits, as the views show them."""

from __future__ import annotations

import pytest

from usage_ledger_views.account_balances.queries import read_balance
from usage_ledger_views.account_entries.queries import list_movements
from views.recorded import ACCOUNT, DAY, NOW, line


def balance(ask):
    return ask(lambda connection: read_balance(connection, 0, "acme", "main"))


def movements(ask):
    page = ask(lambda connection: list_movements(connection, 0, "acme", "main"))
    return [(item.type, item.effect, item.running_balance, item.reference) for item in page.items]


def expire(shard, amount, *, balance_after, lot="lot-2"):
    lines = [line(2000, "debit", amount, lot), line(4060, "credit", amount)]
    moved = {"entries": [{"type": "expiry", "lines": lines}], "balance_after": balance_after, "held_after": 0}
    return shard.record(ACCOUNT, "CreditsExpired", account_id="main", currency="USD", lot=lot, amount=amount, **moved)


def roll_over(shard, amount, *, balance_after):
    lines = [line(2000, "debit", amount, "lot-2"), line(2000, "credit", amount, "lot-2+")]
    return shard.record(
        ACCOUNT,
        "CreditsRolledOver",
        account_id="main",
        currency="USD",
        from_lot="lot-2",
        to_lot="lot-2+",
        amount=amount,
        kind="allowance",
        priority=7,
        effective_at=NOW,
        expires_at=NOW + DAY,
        entries=[{"type": "rollover", "lines": lines}],
        balance_after=balance_after,
        held_after=0,
    )


@pytest.mark.rule("C7")
def test_an_expiry_takes_its_lot_and_is_on_the_statement(shard, writer, ask):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    expire(shard, 400, balance_after=600)
    writer.write(shard.on_topic())
    assert [(lot.lot, lot.remaining) for lot in balance(ask).lots] == [("lot-2", 600)]
    assert movements(ask)[0] == ("expiry", -400, 600, "lot-2")


@pytest.mark.rule("C10")
@pytest.mark.parametrize("batches", ["one", "each"])
def test_what_rolled_over_is_a_lot_of_its_own_and_no_effect(shard, writer, ask, batches):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    roll_over(shard, 300, balance_after=1_000)
    expire(shard, 700, balance_after=300)
    for records in [shard.on_topic()] if batches == "one" else [[record] for record in shard.on_topic()]:
        writer.write(records)
    (lot,) = balance(ask).lots
    assert (lot.lot, lot.kind, lot.amount, lot.remaining, lot.priority) == ("lot-2+", "allowance", 300, 300, 7)
    assert movements(ask)[:2] == [("expiry", -700, 300, "lot-2"), ("rollover", 0, 1_000, "lot-2+")]


@pytest.mark.rule("A3")
def test_the_status_is_what_the_reasons_leave(shard, writer, ask):
    shard.open_account()
    statuses = []
    for name, fields in [
        ("AccountSuspended", {"reason": "b", "reasons": ["a", "b"]}),
        ("AccountResumed", {"reason": "b", "reasons": ["a"]}),
        ("AccountResumed", {"reason": "a", "reasons": []}),
        ("AccountClosed", {"reason": "left us"}),
    ]:
        shard.record(ACCOUNT, name, account_id="main", **fields)
        writer.write(shard.on_topic()[-1:] if statuses else shard.on_topic())
        statuses.append(balance(ask).account.status)
    assert statuses == ["suspended", "suspended", "open", "closed"]


@pytest.mark.rule("A2")
def test_limits_are_the_latest_and_none_is_without(shard, writer, ask):
    shard.open_account(credit_limit=5)
    changed = {"account_id": "main", "currency": "USD", "reason": None}
    shard.record(ACCOUNT, "OverdraftLimitSet", previous=0, limit=7, **changed)
    shard.record(ACCOUNT, "CreditLimitSet", previous=5, limit=None, **changed)
    writer.write(shard.on_topic())
    assert (balance(ask).account.overdraft_limit, balance(ask).account.credit_limit) == (7, None)


@pytest.mark.rule("J4")
def test_an_entry_by_hand_is_in_the_journal_and_moves_nothing(shard, writer, ask):
    shard.open_account()
    lines = [line(1000, "debit", 5), line(3000, "credit", 5)]
    shard.record(
        ACCOUNT,
        "EntryPosted",
        account_id="main",
        currency="USD",
        reason="opening balances",
        entries=[{"type": "manual", "lines": lines}],
        balance_after=0,
        held_after=0,
    )
    writer.write(shard.on_topic())
    assert [item[:3] for item in movements(ask)] == [("manual", 0, 0)]
    assert balance(ask).account.posted == 0
