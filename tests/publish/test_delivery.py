"""A batch is sent until every item has a definite answer, and a repeat is the same request again."""

from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from usage_ledger.gateway.delivery import Delivery, Stopped
from usage_ledger.gateway.service import LedgerService, RequestRefused
from usage_ledger.gateway.tally import Tally
from usage_ledger.unreachable import DependencyUnreachable
from usage_ledger.usage.item import UsageItem


def items(*ids):
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return [UsageItem(name, "ws", now, "m", {"input_tokens": 10, "output_tokens": 2}) for name in ids]


def problem(status, code, *headers):
    return lambda _items: (status, {"status": status, "code": code, "title": code, "detail": "as scripted"}, *headers)


def connection_lost(service):
    """The service records the items and its answer never arrives."""

    def step(sent):
        service.accept(sent)

    return step


@pytest.fixture
def delivery(service):
    with LedgerService(service.url, "a key") as ledger:
        yield Delivery(ledger, Tally(), patience_s=30)


def test_items_are_counted_by_what_became_of_them(service, delivery):
    codes = [
        ("accepted", None),
        ("duplicate", None),
        ("conflict", "idempotency_conflict"),
        ("rejected", "unknown_unit"),
    ]
    answers = [{"id": str(n), "status": status, "code": code} for n, (status, code) in enumerate(codes)]
    answers += [
        {"id": "4", "status": "quarantined", "code": "no_pin"},
        {"id": "5", "status": "accepted", "charged": "1.5"},
    ]
    service.script = [lambda _: (200, {"position": "0-1", "items": answers})]
    delivery.send(items(*"012345"))
    tally = delivery.tally
    counts = (tally.items, tally.accepted, tally.duplicates, tally.conflicts, tally.rejected, tally.quarantined)
    assert counts == (6, 2, 1, 1, 1, 1)
    assert (tally.charged, tally.input_tokens, tally.output_tokens) == (1_500_000_000, 20, 4)
    assert tally.codes == {"idempotency_conflict": 1, "unknown_unit": 1, "no_pin": 1}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_without_a_definite_answer_the_same_request_is_sent_again(service, delivery, status):
    service.script = [problem(status, "overloaded"), problem(status, "overloaded")]
    delivery.send(items("a", "b"))
    assert len({(request["key"], request["body"]) for request in service.requests}) == 1
    assert (len(service.requests), delivery.tally.accepted, delivery.tally.retries) == (3, 2, 2)


def test_a_lost_connection_is_no_answer(service, delivery):
    service.script = [connection_lost(service)]
    delivery.send(items("a"))
    first, second = service.requests
    assert (first["key"], first["body"]) == (second["key"], second["body"])
    assert delivery.tally.duplicates == 1


def test_only_items_of_a_shard_that_was_unavailable_are_sent_again_as_a_new_request(service, delivery):
    answers = [{"id": "a", "status": "accepted"}, {"id": "b", "status": "unavailable", "code": "ledger_unavailable"}]
    service.script = [lambda _: (200, {"items": answers})]
    delivery.send(items("a", "b"))
    first, second = service.requests
    assert [item["id"] for item in second["items"]] == ["b"]
    assert first["key"] != second["key"]
    assert (delivery.tally.items, delivery.tally.accepted) == (2, 2)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "key_invalid"), (403, "key_scope"), (413, "body_too_large"), (422, "x")]
)
def test_a_refused_request_is_a_definite_answer(service, delivery, status, code):
    service.script = [problem(status, code)]
    with pytest.raises(RequestRefused) as refused:
        delivery.send(items("a"))
    assert (refused.value.status, refused.value.code, len(service.requests)) == (status, code, 1)


@pytest.mark.parametrize("answer", [(404, b"<html>"), (200, b"<html>"), (404, ["no"])])
def test_whatever_is_no_usage_ledger_is_told_from_one(service, delivery, answer):
    service.script = [lambda _: answer]
    with pytest.raises(RequestRefused, match="not_a_usage_ledger"):
        delivery.send(items("a"))


def test_patience_ends(service, delivery):
    delivery.patience_s = 0.0
    service.script = [problem(503, "ledger_unavailable")]
    with pytest.raises(DependencyUnreachable, match="503 ledger_unavailable"):
        delivery.send(items("a"))


def test_a_service_asks_for_a_pause_longer_than_our_patience(service, delivery):
    delivery.patience_s = 5.0
    service.script = [problem(503, "overloaded", ("Retry-After", "9"))]
    with pytest.raises(DependencyUnreachable):
        delivery.send(items("a"))
    assert len(service.requests) == 1


def test_a_pause_ends_when_everything_is_to_stop(service, delivery):
    asked = Event()

    def overloaded(sent):
        asked.set()
        return problem(503, "overloaded", ("Retry-After", "9"))(sent)

    service.script = [overloaded] * 3
    stopping = Thread(target=lambda: asked.wait(10) and delivery.stop.set())
    stopping.start()
    with pytest.raises(Stopped):
        delivery.send(items("a"))
    stopping.join()


def test_a_service_that_is_not_there_is_unreachable():
    with LedgerService("http://127.0.0.1:1", "a key") as nobody, pytest.raises(DependencyUnreachable):
        Delivery(nobody, Tally(), patience_s=0.0).send(items("a"))
