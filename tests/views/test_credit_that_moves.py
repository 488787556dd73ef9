"""Credit that goes back and forth in the balance view: lots give, get back, arrive, and are opened by corrections."""

from usage_ledger_views.account_balances.history import Point, read_balance_as_of
from usage_ledger_views.account_balances.queries import read_balance
from views.recorded import ACCOUNT, NOW, item, line

ABOUT = {"account_id": "main", "currency": "USD", "held_after": 0}
OF_PURCHASE = {"dispute_id": "d1", "payment_ref": "payment-1", **ABOUT}


def lots(ask, point=None):
    """What is left of each lot, now or then, in the order in which charges use them."""

    async def read(connection):
        if point is None:
            return await read_balance(connection, 0, "acme", "main")
        return await read_balance_as_of(connection, 0, "acme", "main", point)

    return [(lot.lot, lot.kind, lot.amount, lot.remaining) for lot in ask(read).lots]


def figures(ask):
    account = ask(lambda connection: read_balance(connection, 0, "acme", "main")).account
    return account.posted, account.overdraft


def dispute(shard):
    """Bought 1,000, used 400: the dispute takes 600 of the lot and 400 of overdraft."""
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    shard.usage([item(400)], debits=[line(2000, "debit", 400, "lot-2")], balance_after=600)
    taken = [line(2000, "debit", 600, "lot-2"), line(1300, "debit", 400), line(1010, "credit", 1_000)]
    return shard.record(
        ACCOUNT,
        "DisputeOpened",
        amount=1_000,
        overdraft=400,
        allocations=[{"lot": "lot-2", "amount": 600}, {"lot": None, "amount": 400}],
        entries=[{"type": "dispute_opened", "lines": taken}],
        balance_after=-400,
        **OF_PURCHASE,
    )


def win(shard):
    """A grant of 300 came in between, so that 100 are still owed."""
    returned = [line(1300, "credit", 100), line(2000, "credit", 600, "lot-2"), line(2000, "credit", 300, "lot-6")]
    return shard.record(
        ACCOUNT,
        "DisputeWon",
        amount=1_000,
        debt_settled=100,
        restored=[{"lot": "lot-2", "amount": 600}],
        lot="lot-6",
        lot_amount=300,
        entries=[{"type": "dispute_won", "lines": [line(1010, "debit", 1_000), *returned]}],
        balance_after=900,
        **OF_PURCHASE,
    )


def adjust(shard, amount, balance_after, **fields):
    usual = {"debt_settled": 0, "lot": None, "lot_amount": 0, "allocations": [], "reverses": None}
    return shard.record(
        ACCOUNT,
        "BalanceAdjusted",
        amount=amount,
        approver="op-1",
        reason="test",
        balance_after=balance_after,
        **{**usual, **ABOUT, **fields},
    )


def won_dispute(shard):
    opened = dispute(shard)
    settled = [{"type": "adjustment", "lines": [line(5070, "debit", 300), line(1300, "credit", 300)]}]
    adjust(shard, 300, -100, debt_settled=300, entries=settled)
    win(shard)
    return opened


def test_what_is_given_back_returns_to_its_lot_and_what_was_debt_is_a_lot_of_its_own(shard, writer, ask):
    won_dispute(shard)
    writer.write(shard.on_topic())
    assert figures(ask) == (900, 0)
    assert lots(ask) == [("lot-2", "purchase", 1_000, 600), ("lot-6", "adjustment", 300, 300)]


def test_events_one_by_one_come_to_the_same_as_in_one_batch(shard, writer, ask):
    won_dispute(shard)
    for record in shard.on_topic():
        writer.write([record])
    assert lots(ask) == [("lot-2", "purchase", 1_000, 600), ("lot-6", "adjustment", 300, 300)]


def test_the_past_shows_the_lots_as_they_were(shard, writer, ask):
    opened = won_dispute(shard)
    writer.write(shard.on_topic())
    assert lots(ask, Point(position=opened.position)) == []
    assert lots(ask, Point(position=opened.position - 1)) == [("lot-2", "purchase", 1_000, 600)]


def test_an_adjustment_upwards_opens_a_lot_with_what_debt_left_of_it(shard, writer, ask):
    shard.open_account()
    shard.usage([item(100)], debits=[line(1300, "debit", 100)], balance_after=-100)
    given = [line(5070, "debit", 250), line(1300, "credit", 100), line(2000, "credit", 150, "lot-3")]
    entries = [{"type": "adjustment", "lines": given}]
    adjust(shard, 250, 150, debt_settled=100, lot="lot-3", lot_amount=150, entries=entries)
    writer.write(shard.on_topic())
    assert (figures(ask), lots(ask)) == ((150, 0), [("lot-3", "adjustment", 250, 150)])


def test_lots_that_arrive_keep_their_terms_and_come_in_their_order(shard, writer, ask):
    shard.open_account()
    arrived = [
        {"from_lot": "a", "lot": None, "amount": 5, "lot_amount": 0, "priority": 50, "expires_at": None},
        *(
            {"from_lot": "b", "lot": f"lot-2-{n}", "amount": 10, "lot_amount": 10, "priority": 50, "expires_at": None}
            for n in range(2, 12)
        ),
        {"from_lot": "c", "lot": "lot-2-12", "amount": 7, "lot_amount": 7, "priority": 50, "expires_at": NOW + 1},
    ]
    credited = [line(2000, "credit", each["lot_amount"], each["lot"]) for each in arrived if each["lot"]]
    shard.record(
        ACCOUNT,
        "CreditsTransferredIn",
        transfer_id="t1",
        from_account="other",
        amount=112,
        debt_settled=5,
        lots=arrived,
        entries=[{"type": "transfer_in", "lines": [line(2950, "debit", 112), line(1300, "credit", 5), *credited]}],
        balance_after=107,
        **ABOUT,
    )
    writer.write(shard.on_topic())
    named = [lot for lot, *_ in lots(ask)]
    assert named == ["lot-2-12", *(f"lot-2-{n}" for n in range(2, 12))]
    assert lots(ask)[0] == ("lot-2-12", "transfer", 7, 7)
