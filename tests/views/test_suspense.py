"""The list of usage without a price: every such line, from its recording until it is rated, and no other (U12)."""

from __future__ import annotations

import pytest

from usage_ledger_views.reading.page import InvalidCursor
from usage_ledger_views.suspense.queries import list_suspense
from views.recorded import METERED, NOW, Shard, decision, detail, item, price

SECOND = 1_000_000


@pytest.fixture
def unpriced():
    """Makes a line without a price."""
    return lambda attempt_id, **fields: item(**{"attempt_id": attempt_id, "outcome": "no_price", **fields})


@pytest.fixture
def listed(ask):
    return lambda **asked: ask(lambda connection: list_suspense(connection, 0, "acme", **asked))


def names(page):
    return [line.attempt_id for line in page.items]


@pytest.mark.rule("U12")
def test_a_line_without_a_price_is_listed_with_its_reason_age_and_amount_at_risk(shard, writer, listed, unpriced):
    shard.open_account()
    reported = {"femto": 7, "currency": "USD"}
    shard.usage(
        [item(attempt_id="priced"), unpriced("a", detail=detail(suspense=80, source="east", reported_cost=reported))]
    )
    writer.write(shard.on_topic())
    (line,) = listed().items
    assert (line.attempt_id, line.source, line.reason) == ("a", "east", "no_price")
    assert (line.account_id, line.workspace_id, line.provider, line.model) == ("main", "ws", "vendor", "model-a")
    assert (line.amount_at_risk, line.currency) == (80, "USD")
    assert (line.occurred_at, line.since, line.position, line.place) == (NOW, NOW + 2 * SECOND, 2, 1)


def test_without_an_entry_in_suspense_its_cost_is_at_risk_in_its_own_currency(shard, writer, listed, unpriced):
    shard.open_account()
    reported = detail(reported_cost={"femto": 7, "currency": "EUR"})
    shard.usage([unpriced("reported", provider_cost=7, detail=reported)])
    shard.usage([unpriced("cost-price", provider_cost=9)], prices=[price(cost_currency="GBP")])
    shard.usage([unpriced("unknown")])
    writer.write(shard.on_topic())
    assert [(line.attempt_id, line.amount_at_risk, line.currency) for line in listed().items] == [
        ("unknown", None, None),
        ("cost-price", 9, "GBP"),
        ("reported", 7, "EUR"),
    ]


@pytest.mark.rule("U12")
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "batch by batch"])
def test_a_line_leaves_when_it_is_rated(shard, writer, listed, unpriced, together):
    shard.open_account()
    shard.usage([unpriced("a"), unpriced("b"), unpriced("c", detail=detail(source="east"))])
    rated = [item(5, attempt_id="a"), item(0, attempt_id="c", detail=detail(source="east"))]
    shard.rate(rated, debits=[], balance_after=0)
    for batch in [shard.on_topic()] if together else [[record] for record in shard.on_topic()]:
        writer.write(batch)
    assert names(listed()) == ["b"]


def test_usage_that_nobody_is_charged_for_is_not_in_suspense(shard, writer, listed, unpriced):
    shard.usage([unpriced("a", outcome="byok")], account_id=None)
    writer.write(shard.on_topic())
    assert shard.events[0].stream_id == METERED
    assert names(listed()) == []


def test_pages_go_back_in_history_and_miss_nothing(shard, writer, listed, unpriced):
    shard.open_account()
    shard.usage([unpriced("a"), unpriced("b"), unpriced("c")])
    shard.usage([unpriced("d")])
    writer.write(shard.on_topic())
    first = listed(limit=3)
    second = listed(limit=3, after=first.next)
    assert (names(first), names(second), second.next) == (["d", "c", "b"], ["a"], None)


def test_an_account_and_a_workspace_narrow_the_list(shard, writer, listed, unpriced):
    shard.open_account()
    shard.open_account("other")
    shard.usage([unpriced("a")])
    shard.usage([unpriced("b")], account_id="other", decisions=[decision(workspace_id="else", payer="other")])
    writer.write(shard.on_topic())
    assert (names(listed(account_id="main")), names(listed(workspace_id="else"))) == (["a"], ["b"])


def test_another_tenants_lines_are_not_listed(writer, listed, unpriced):
    other = Shard(tenant="other")
    other.open_account()
    other.usage([unpriced("a")])
    writer.write(other.on_topic())
    assert names(listed()) == []


def test_what_is_no_cursor_of_the_list_is_refused(listed):
    with pytest.raises(InvalidCursor):
        listed(after="bm9uZQ")


def test_the_list_says_when_a_stream_with_usage_is_blocked(shard, writer, listed, unpriced):
    shard.open_account()
    shard.usage([unpriced("a")])
    writer.write(shard.on_topic()[1:])
    assert listed().incomplete
