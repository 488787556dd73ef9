"""Everything is sent once, in batches of the asked size, over several connections; a failure stops all of them."""

from datetime import UTC, datetime

import pytest

from usage_ledger.gateway.delivery import Delivery
from usage_ledger.gateway.publisher import CONNECTIONS, Pace, publish
from usage_ledger.gateway.service import LedgerService, RequestRefused
from usage_ledger.gateway.source_line import SourceInvalid
from usage_ledger.gateway.tally import Tally, percentile
from usage_ledger.usage.item import UsageItem


def items(count):
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return (UsageItem(f"item-{n}", "ws", now, "m", {}) for n in range(count))


@pytest.fixture
def delivery(service):
    with LedgerService(service.url, "a key") as ledger:
        yield Delivery(ledger, Tally())


def test_every_item_is_sent_once(service, delivery):
    publish(items(95), delivery, Pace(10))
    sent = [item["id"] for request in service.requests for item in request["items"]]
    assert sorted(sent) == sorted(item.id for item in items(95))
    assert max(len(request["items"]) for request in service.requests) == 10
    assert delivery.tally.accepted == 95


def test_what_is_done_is_told_batch_by_batch(delivery):
    told = []
    publish(items(25), delivery, Pace(10), lambda batch: told.append(len(batch)))
    assert sorted(told) == [5, 10, 10]


def test_nothing_to_send_sends_nothing(service, delivery):
    publish(iter(()), delivery, Pace())
    assert service.requests == []


def test_a_second_run_is_all_duplicates(delivery):
    publish(items(30), delivery, Pace(10))
    publish(items(30), delivery, Pace(7))
    assert (delivery.tally.accepted, delivery.tally.duplicates) == (30, 30)


def test_a_refused_request_stops_all_connections(service, delivery):
    service.script = [lambda _: (401, {"code": "key_revoked", "title": "revoked"})] * 100
    with pytest.raises(RequestRefused):
        publish(items(1_000), delivery, Pace(10))
    assert len(service.requests) <= 4


def test_a_source_that_breaks_stops_all_connections(delivery):
    def breaking():
        yield from items(5)
        raise SourceInvalid("line 6")

    with pytest.raises(SourceInvalid):
        publish(breaking(), delivery, Pace(1))
    assert delivery.stop.is_set()


def test_a_rate_gives_every_batch_its_time(delivery):
    delivery.stop = _TimeStandsStill()
    publish(items(30), delivery, Pace(10, items_per_s=1))
    assert [round(wait_s, -1) for wait_s in delivery.stop.waits_s] == [0, 10, 20, 30] + [30] * (CONNECTIONS - 1)


class _TimeStandsStill:
    """Stands for the event that ends pauses: notes how long was to be waited, and does not wait."""

    def __init__(self):
        self.waits_s = []

    def wait(self, seconds):
        self.waits_s.append(seconds)
        return False


def test_a_percentile_is_the_nearest_rank():
    assert [percentile([3, 1, 2, 4], percent) for percent in (1, 50, 75, 99)] == [1, 2, 3, 4]
    assert percentile([], 50) == 0.0
