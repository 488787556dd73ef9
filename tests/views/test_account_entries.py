"""The statement: every event that moved money, with its effect and the balance after it."""

import pytest

from usage_ledger_views.account_entries.queries import Period, list_movements, read_statement
from usage_ledger_views.reading.page import InvalidCursor
from views.recorded import NOW, item, line

SECOND = 1_000_000


@pytest.fixture
def busy_account(shard, writer):
    """Opened at second 1, then three movements at seconds 2, 3 and 4."""
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    shard.usage([item(300)], debits=[line(2000, "debit", 300, "lot-2")], balance_after=700)
    shard.usage([item(900)], debits=[line(2000, "debit", 700, "lot-2"), line(1300, "debit", 200)], balance_after=-200)
    writer.write(shard.on_topic())
    return shard


def statement(ask, start=0, end=2**62):
    return ask(lambda connection: read_statement(connection, 0, "acme", "main", period=Period(start, end)))


def test_closing_minus_opening_is_the_sum_of_the_effects(busy_account, ask):
    for start, end in [(0, 10), (2, 4), (3, 5), (4, 4)]:
        found = statement(ask, NOW + start * SECOND, NOW + end * SECOND)
        assert found.closing - found.opening == sum(movement.effect for movement in found.page.items)


def test_a_period_holds_what_was_recorded_from_its_start_to_before_its_end(busy_account, ask):
    found = statement(ask, NOW + 3 * SECOND, NOW + 4 * SECOND)
    assert [(movement.effect, movement.running_balance) for movement in found.page.items] == [(-300, 700)]
    assert (found.opening, found.closing) == (1_000, 700)


def test_movements_come_newest_first_with_their_journal_lines(busy_account, ask):
    newest, _, oldest = statement(ask).page.items
    assert (newest.type, newest.effect, newest.running_balance) == ("usage", -900, -200)
    assert {(each.code, each.side, each.amount) for entry in newest.entries for each in entry.lines} == {
        (2000, "debit", 700),
        (1300, "debit", 200),
        (4010, "credit", 900),
    }
    assert (oldest.type, oldest.effect, oldest.reference) == ("purchase", 1_000, "payment-1")


def test_an_account_without_movements_has_an_empty_statement(shard, writer, ask):
    shard.open_account()
    writer.write(shard.on_topic())
    found = statement(ask)
    assert (found.opening, found.closing, found.page.items) == (0, 0, ())


def test_an_unknown_account_has_no_statement(busy_account, ask):
    assert ask(lambda connection: read_statement(connection, 0, "acme", "ghost", period=Period())) is None


def test_usage_that_posts_nothing_is_no_movement(shard, writer, ask):
    shard.open_account()
    shard.usage([item(0, input=5)])
    writer.write(shard.on_topic())
    assert statement(ask).page.items == ()


def test_pages_follow_each_other_without_loss_or_repeat(shard, writer, ask):
    shard.open_account()
    for bought in range(1, 8):
        shard.purchase(1, balance_after=bought, lot=f"lot-{bought}")
    writer.write(shard.on_topic())
    seen, cursor = [], None
    while True:
        page = ask(lambda c, after=cursor: list_movements(c, 0, "acme", "main", limit=3, after=after))
        seen += [movement.running_balance for movement in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "!!", "W10"])
def test_a_cursor_of_something_else_is_refused(busy_account, ask, cursor):
    with pytest.raises(InvalidCursor):
        ask(lambda connection: list_movements(connection, 0, "acme", "main", after=cursor))
