"""Usage by member: what each user's lines were charged, sorted by user, the unattributed as the last row (U14)."""

from __future__ import annotations

from datetime import date

import pytest

from usage_ledger_views.member_usage.queries import list_member_usage
from usage_ledger_views.usage_summary.queries import UsageFilter
from views.recorded import DAY, NOW, attributed, decision, item, line, price

pytestmark = pytest.mark.rule("U14")


@pytest.fixture
def members(ask):
    def look(limit=None, after=None, **chosen):
        return ask(
            lambda connection: list_member_usage(
                connection, 0, "acme", chosen=UsageFilter(**chosen), limit=limit, after=after
            )
        )

    return look


def figures(page):
    return [(member.user_id, member.currency, member.lines, member.charged) for member in page.items]


@pytest.fixture
def team(shard, writer):
    """Of zoe two lines on two days, of ann one, and one of nobody."""
    shard.open_account()
    decisions = [attributed(user="zoe"), attributed(user="ann"), decision()]
    lines = [item(1, decision=0), item(2, decision=0, occurred_at=NOW - DAY), item(4, decision=1), item(8, decision=2)]
    shard.usage(lines, decisions=decisions, debits=[line(1300, "debit", 15)])
    writer.write(shard.on_topic())
    return shard


def test_users_come_in_order_and_what_is_of_nobody_comes_last(team, members):
    assert figures(members()) == [("ann", "USD", 1, 4), ("zoe", "USD", 2, 3), ("", "USD", 1, 8)]


def test_pages_miss_nobody(team, members):
    first = members(limit=1)
    second = members(limit=1, after=first.next)
    third = members(limit=1, after=second.next)
    assert [figures(page)[0][0] for page in (first, second, third)] == ["ann", "zoe", ""]
    assert third.next is None


def test_days_accounts_and_workspaces_narrow_it(team, members):
    assert figures(members(start=date(2026, 5, 28)))[1] == ("zoe", "USD", 1, 1)
    assert figures(members(account_id="other")) == []
    assert figures(members(workspace_id="other")) == []


def test_a_purchase_and_a_rating_later_count_as_money_only_where_they_are_usage(shard, writer, members):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    decisions = [attributed(user="ann")]
    shard.usage([item(outcome="no_price")], decisions=decisions, balance_after=1_000)
    debits = [line(2000, "debit", 300, "lot-2")]
    shard.rate([item(300)], decisions=decisions, debits=debits, balance_after=700)
    writer.write(shard.on_topic())
    assert figures(members()) == [("ann", "USD", 1, 300)]


def test_a_cost_in_another_currency_is_no_usage_of_its_own(shard, writer, members):
    shard.open_account()
    lines = [item(1, provider_cost=5)]
    shard.usage(lines, prices=[price(cost_currency="EUR")], debits=[line(1300, "debit", 1)])
    writer.write(shard.on_topic())
    assert figures(members()) == [("", "USD", 1, 1)]
