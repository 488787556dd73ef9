"""The balance view: figures as the latest event says them, lots as they are drawn."""

from usage_ledger_views.account_balances.history import Point, read_balance_as_of
from usage_ledger_views.account_balances.queries import read_balance
from views.recorded import NOW, item, line


def balance(ask, account_id="main", tenant="acme"):
    return ask(lambda connection: read_balance(connection, 0, tenant, account_id))


def balance_as_of(ask, point):
    return ask(lambda connection: read_balance_as_of(connection, 0, "acme", "main", point))


def test_an_opened_account_without_movements_has_zero_balance(shard, writer, ask):
    shard.open_account()
    writer.write(shard.on_topic())
    found = balance(ask)
    assert (found.account.posted, found.account.held, found.account.available) == (0, 0, 0)
    assert found.lots == ()
    assert found.account.status == "open"
    assert not found.incomplete


def test_an_unknown_account_is_not_a_silent_zero(shard, writer, ask):
    shard.open_account()
    writer.write(shard.on_topic())
    assert balance(ask, "other") is None
    assert balance(ask, tenant="other") is None


def test_credit_makes_a_lot_and_a_charge_draws_it(shard, writer, ask):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    shard.usage([item(300)], debits=[line(2000, "debit", 300, "lot-2")], balance_after=700)
    writer.write(shard.on_topic())
    found = balance(ask)
    assert found.account.posted == 700
    assert [(lot.lot, lot.amount, lot.remaining) for lot in found.lots] == [("lot-2", 1_000, 700)]


def test_batches_add_up_to_the_same_as_one_batch(shard, writer, ask):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    shard.usage([item(300)], debits=[line(2000, "debit", 300, "lot-2")], balance_after=700)
    shard.usage([item(800)], debits=[line(2000, "debit", 700, "lot-2"), line(1300, "debit", 100)], balance_after=-100)
    for record in shard.on_topic():
        writer.write([record])
    found = balance(ask)
    assert (found.account.posted, found.account.overdraft) == (-100, 100)
    assert found.lots == ()


def test_incoming_credit_settles_overdraft_first(shard, writer, ask):
    shard.open_account()
    shard.usage([item(100)], debits=[line(1300, "debit", 100)], balance_after=-100)
    shard.purchase(250, balance_after=150, lot="lot-3", settles=100)
    writer.write(shard.on_topic())
    found = balance(ask)
    assert (found.account.posted, found.account.overdraft) == (150, 0)
    assert [(lot.amount, lot.remaining) for lot in found.lots] == [(250, 150)]


def test_an_invoiced_shortfall_is_unbilled_and_leaves_the_balance(shard, writer, ask):
    shard.open_account(funding="invoiced")
    shard.usage([item(100)], debits=[line(1200, "debit", 100)], balance_after=0)
    writer.write(shard.on_topic())
    found = balance(ask)
    assert (found.account.posted, found.account.unbilled, found.account.overdraft) == (0, 100, 0)


def test_lots_come_in_the_order_in_which_charges_use_them(shard, writer, ask):
    shard.open_account()
    shard.purchase(10, balance_after=10, lot="paid")
    shard.grant(10, balance_after=20, lot="later", expires_at=NOW + 2_000)
    shard.grant(10, balance_after=30, lot="sooner", expires_at=NOW + 1_000)
    shard.grant(10, balance_after=40, lot="promotional")
    shard.grant(10, balance_after=50, lot="first", priority=1)
    writer.write(shard.on_topic())
    assert [lot.lot for lot in balance(ask).lots] == ["first", "sooner", "later", "promotional", "paid"]


def test_a_past_balance_has_the_lots_and_debts_of_that_position(shard, writer, ask):
    shard.open_account()
    bought = shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    used = shard.usage(
        [item(1_100)], debits=[line(2000, "debit", 1_000, "lot-2"), line(1300, "debit", 100)], balance_after=-100
    )
    shard.purchase(200, balance_after=100, lot="lot-4", settles=100)
    writer.write(shard.on_topic())

    after_purchase = balance_as_of(ask, Point(position=bought.position))
    assert (after_purchase.account.posted, [lot.remaining for lot in after_purchase.lots]) == (1_000, [1_000])

    after_usage = balance_as_of(ask, Point(recorded_at=used.recorded_at))
    assert (after_usage.account.posted, after_usage.account.overdraft, after_usage.lots) == (-100, 100, ())
    assert after_usage.as_of.position == f"0-{used.position}"


def test_there_is_no_balance_before_the_account_was_opened(shard, writer, ask):
    opened = shard.open_account()
    writer.write(shard.on_topic())
    assert balance_as_of(ask, Point(recorded_at=opened.recorded_at - 1)) is None
    assert balance_as_of(ask, Point(recorded_at=opened.recorded_at)).account.posted == 0


def test_an_answer_says_which_position_it_reflects(shard, writer, ask):
    shard.open_account()
    last = shard.purchase(5, balance_after=5)
    writer.write(shard.on_topic())
    reflected = balance(ask).as_of
    assert (reflected.position, reflected.recorded_at) == (f"0-{last.position}", last.recorded_at)
