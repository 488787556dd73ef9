"""Usage by hour, user and key: late usage counts where it occurred, byok is apart, currencies are never added up."""

from datetime import UTC, date, datetime

import pytest

from usage_ledger_views.reading.page import InvalidCursor
from usage_ledger_views.usage_summary.queries import UnknownGroup, UsageFilter, summarize_usage
from views.recorded import DAY, NOW, attributed, attribution, decision, detail, item, line, price

MINUTE = 60_000_000
OWED = [line(1300, "debit", 1)]


def summary(ask, *group_by, limit=None, after=None, **chosen):
    return ask(
        lambda connection: summarize_usage(
            connection, 0, "acme", group_by=group_by, chosen=UsageFilter(**chosen), limit=limit, after=after
        )
    )


def day_of(micros: int) -> date:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).date()


def test_late_usage_counts_in_the_day_in_which_it_occurred(shard, writer, ask):
    shard.open_account()
    shard.usage([item(1, input=5), item(0, input=7, occurred_at=NOW - 3 * DAY)], debits=OWED)
    writer.write(shard.on_topic())
    days = {total.group["day"]: total.quantities["input_tokens"] for total in summary(ask, "day").items}
    assert days == {str(day_of(NOW)): 5, str(day_of(NOW - 3 * DAY)): 7}


@pytest.mark.rule("U6")
def test_usage_counts_in_the_hour_in_which_it_occurred(shard, writer, ask):
    shard.open_account()
    shard.usage([item(1, occurred_at=NOW), item(1, occurred_at=NOW + 33 * MINUTE)], debits=[line(1300, "debit", 2)])
    shard.usage([item(1, occurred_at=NOW + 34 * MINUTE), item(1, occurred_at=-1)], debits=[line(1300, "debit", 2)])
    writer.write(shard.on_topic())
    hours = {total.group["hour"]: total.requests for total in summary(ask, "hour").items}
    assert hours == {"1969-12-31T23:00:00Z": 1, "2026-05-28T20:00:00Z": 2, "2026-05-28T21:00:00Z": 1}
    days = {total.group["day"]: total.requests for total in summary(ask, "day").items}
    assert days == {"1969-12-31": 1, "2026-05-28": 3}


@pytest.mark.rule("U14")
def test_usage_counts_for_the_user_and_the_key_that_it_is_attributed_to(shard, writer, ask):
    shard.open_account()
    decisions = [decision(), attributed(user="ann", key="k1"), attributed(user="ann"), attributed(team="t")]
    lines = [item(1, decision=index, attempt_id=f"a{index}") for index in range(4)]
    shard.usage(lines, decisions=decisions, debits=[line(1300, "debit", 4)])
    writer.write(shard.on_topic())
    assert {total.group["user"]: total.charged for total in summary(ask, "user").items} == {"": 2, "ann": 2}
    assert {total.group["key"]: total.charged for total in summary(ask, "key").items} == {"": 3, "k1": 1}


@pytest.mark.rule("U14")
def test_an_attribution_that_was_rejected_counts_for_nobody(shard, writer, ask):
    shard.open_account()
    rejected = attributed()
    rejected["detail"] = {**rejected["detail"], "attribution": None, "attribution_rejected": attribution(user="eve")}
    shard.usage([item(1)], decisions=[rejected], debits=OWED)
    writer.write(shard.on_topic())
    assert [total.group["user"] for total in summary(ask, "user").items] == [""]


def test_totals_are_the_same_in_one_batch_and_in_many(shard, writer, ask):
    shard.open_account()
    for _ in range(3):
        shard.usage([item(1, input=2, cache_read=3, output=4), item(1, input=20)], debits=[line(1300, "debit", 2)])
    first, *others = shard.on_topic()
    writer.write([first, others[0]])
    writer.write(others[1:])
    (total,) = summary(ask).items
    assert (total.requests, total.charged) == (6, 6)
    assert [total.quantities[f"{bucket}_tokens"] for bucket in ("input", "cache_read", "output")] == [66, 9, 12]


def test_byok_usage_is_counted_and_shown_apart(shard, writer, ask):
    shard.open_account()
    shard.usage([item(1, provider_cost=10)], debits=OWED, prices=[price(cost_currency="USD")])
    shard.usage(
        [item(0, outcome="byok", provider_cost=30)],
        account_id=None,
        prices=[price(cost_currency="USD")],
        decisions=[decision(mode="byok", payer=None, credential="byok")],
    )
    writer.write(shard.on_topic())
    (total,) = summary(ask, "model").items
    assert (total.requests, total.byok_requests) == (2, 1)
    assert (total.provider_cost, total.byok_provider_cost, total.charged) == (40, 30, 1)


def test_usage_without_money_stands_with_the_currency_there_is(shard, writer, ask):
    shard.open_account()
    shard.usage([item(1)], debits=OWED)
    shard.usage([item(0, outcome="byok")], account_id=None, decisions=[decision(mode="byok", payer=None)])
    writer.write(shard.on_topic())
    (total,) = summary(ask, "model").items
    assert (total.currency, total.requests) == ("USD", 2)


def test_a_cost_in_another_currency_is_not_added_to_charges(shard, writer, ask):
    shard.open_account()
    shard.usage([item(1, provider_cost=9)], debits=OWED, prices=[price(cost_currency="EUR")])
    writer.write(shard.on_topic())
    totals = {total.currency: (total.requests, total.charged, total.provider_cost) for total in summary(ask).items}
    assert totals == {"USD": (1, 1, 0), "EUR": (0, 0, 9)}


def test_a_reported_cost_counts_in_the_currency_that_was_reported(shard, writer, ask):
    shard.open_account()
    reported = detail(reported_cost={"femto": 9_000_000, "currency": "EUR"})
    shard.usage([item(1, provider_cost=9, detail=reported)], debits=OWED)
    writer.write(shard.on_topic())
    costs = {total.currency: total.provider_cost for total in summary(ask).items}
    assert costs == {"USD": 0, "EUR": 9}


def test_every_bucket_has_a_column(shard, writer, ask):
    names = ["cache_write_5m", "cache_write_1h", "reasoning", "audio_input", "audio_output", "image_input"]
    units = ["image_output", "images", "requests", "characters", "audio_milliseconds", "searches"]
    quantities = [{"bucket": bucket, "quantity": n} for n, bucket in enumerate([*names, *units], start=1)]
    shard.open_account()
    shard.usage([item(1, input=100, detail=detail(other_buckets=quantities))], debits=OWED)
    writer.write(shard.on_topic())
    (total,) = summary(ask).items
    assert total.quantities["input_tokens"] == 100
    assert total.quantities["request_units"] == 9
    assert sorted(total.quantities.values()) == [0, 0, *range(1, 13), 100]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_totals_may_pass_64_bits_where_each_item_fits(shard, writer, ask, in_one_batch):
    most = 2**63 - 1
    others = detail(other_buckets=[{"bucket": "searches", "quantity": most}])
    shard.open_account()
    for _ in range(2):
        shard.usage([item(input=most, provider_cost=most, detail=others)], prices=[price(cost_currency="USD")])
    first, *rest = shard.on_topic()
    for batch in [[first, *rest]] if in_one_batch else [[first], *([each] for each in rest)]:
        writer.write(batch)
    (total,) = summary(ask).items
    assert total.quantities["input_tokens"] == total.quantities["searches"] == total.provider_cost == 2 * most


def test_unpriced_items_are_counted(shard, writer, ask):
    shard.open_account()
    shard.usage([item(0, outcome="no_price"), item(0, outcome="price_zero")])
    writer.write(shard.on_topic())
    (total,) = summary(ask).items
    assert (total.requests, total.unpriced) == (2, 1)


def test_a_filter_takes_days_from_its_start_to_before_its_end(shard, writer, ask):
    shard.open_account()
    shard.usage([item(0, occurred_at=NOW + offset * DAY) for offset in (-1, 0, 1)])
    writer.write(shard.on_topic())
    (total,) = summary(ask, start=day_of(NOW), end=day_of(NOW + DAY)).items
    assert total.requests == 1
    assert summary(ask, workspace_id="other").items == ()


def test_pages_of_a_summary_follow_each_other(shard, writer, ask):
    shard.open_account()
    models = [f"model-{n}" for n in range(5)]
    shard.usage([item(0, price=n) for n in range(5)], prices=[price(model) for model in models])
    writer.write(shard.on_topic())
    seen, cursor = [], None
    while True:
        page = summary(ask, "day", "model", limit=2, after=cursor)
        seen += [total.group["model"] for total in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == models


def test_a_tenant_sees_only_its_own_usage(shard, writer, ask):
    shard.open_account()
    shard.usage([item()])
    writer.write(shard.on_topic())
    other = ask(lambda c: summarize_usage(c, 0, "other", group_by=["model"], chosen=UsageFilter()))
    assert other.items == ()


def test_a_group_that_does_not_exist_is_refused(ask):
    with pytest.raises(UnknownGroup):
        summary(ask, "model; DROP TABLE views.usage_summary")


def test_a_cursor_of_another_grouping_is_refused(shard, writer, ask):
    shard.open_account()
    shard.usage([item(0, price=n) for n in range(2)], prices=[price("a"), price("b")])
    writer.write(shard.on_topic())
    cursor = summary(ask, "model", limit=1).next
    with pytest.raises(InvalidCursor):
        summary(ask, "model", "day", after=cursor)
