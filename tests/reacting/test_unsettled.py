"""What a fact may settle is found by it, page by page, in memory and on Postgres alike."""

from __future__ import annotations

from typing import Any

import pytest

from store.events import place
from usage_ledger.pricing.events import Price, PriceVersionPublished
from usage_ledger.reacting.unsettled import BEFORE_ALL, Suspended, Unsettled
from usage_ledger.store import Batch, LedgerStore, QuarantineRow, SuspendedRow

Indexed = tuple[LedgerStore, Unsettled]
REASON = "workspace_not_found"


def key(n: int) -> bytes:
    return bytes([n]) * 16


def write(store: LedgerStore, rows: list[Any], *, gone: bool = False) -> None:
    quarantined = {row[:2]: None if gone else row for row in rows if isinstance(row, QuarantineRow)}
    suspended = {row.key: None if gone else row for row in rows if isinstance(row, SuspendedRow)}
    with store.transaction([1]) as transaction:
        position = transaction.shards[1].last_position + 1
        event = place(1, position, "acme/account-a", position)
        transaction.write(Batch(events=[event], quarantined=quarantined, suspended=suspended))


def kept(n: int, **fields: Any) -> QuarantineRow:
    return QuarantineRow(key(n), "waiting", "acme", "ws", REASON)._replace(**fields)


def line(n: int, **fields: Any) -> SuspendedRow:
    return SuspendedRow(key(n), 1, "acme/new", "USD", "acme", "main", 1_000)._replace(**fields)


def price(**fields: Any) -> PriceVersionPublished:
    usual: dict[str, Any] = {
        "version": "v1",
        "model": "acme/new",
        "provider": None,
        "list": "sell",
        "currency": "USD",
        "account_tenant": None,
        "account_id": None,
        "effective_from": 0,
        "effective_to": None,
        "price": Price((), 0, rounded_at_import=False),
        "reason": "r",
    }
    return PriceVersionPublished(**(usual | fields))


def found(unsettled: Unsettled, published: PriceVersionPublished) -> list[bytes]:
    return [suspended.key for suspended in unsettled.suspended(published, BEFORE_ALL, 100)]


def test_what_waits_for_a_workspace_is_found_by_it_and_by_the_reason(indexed: Indexed) -> None:
    store, unsettled = indexed
    others = [
        kept(3, tenant="other"),
        kept(4, workspace_id="ws2"),
        kept(5, reason="no_pin"),
        kept(6, disposition="rejected"),
    ]
    write(store, [kept(2), kept(1), *others])
    assert unsettled.waiting("acme", "ws", REASON, b"", 100) == [key(1), key(2)]


def test_waiting_items_come_page_by_page(indexed: Indexed) -> None:
    store, unsettled = indexed
    write(store, [kept(n) for n in (5, 3, 1, 4, 2)])
    assert unsettled.waiting("acme", "ws", REASON, b"", 2) == [key(1), key(2)]
    assert unsettled.waiting("acme", "ws", REASON, key(2), 2) == [key(3), key(4)]
    assert unsettled.waiting("acme", "ws", REASON, key(4), 2) == [key(5)]


def test_what_was_settled_is_not_found_any_more(indexed: Indexed) -> None:
    store, unsettled = indexed
    write(store, [kept(1), kept(2), line(3), line(4)])
    write(store, [kept(1), line(3)], gone=True)
    assert unsettled.waiting("acme", "ws", REASON, b"", 100) == [key(2)]
    assert found(unsettled, price()) == [key(4)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"model": "acme/other"}, [5]),
        ({"currency": "EUR"}, [6]),
        ({"effective_from": 1_000}, [1, 2, 3, 4]),
        ({"effective_from": 1_001}, [2]),
        ({"effective_to": 1_000}, []),
        ({"effective_to": 2_000}, [1, 3, 4]),
        ({"account_tenant": "acme", "account_id": "main"}, [1, 2]),
        ({"account_tenant": "other", "account_id": "main"}, [4]),
    ],
)
def test_a_price_finds_the_lines_that_it_might_rate(
    indexed: Indexed, fields: dict[str, Any], expected: list[int]
) -> None:
    store, unsettled = indexed
    lines = [
        line(1),
        line(2, occurred_at=2_000),
        line(3, account_id="second"),
        line(4, tenant="other"),
        line(5, model="acme/other"),
        line(6, currency="EUR"),
    ]
    write(store, lines)
    assert sorted(found(unsettled, price(**fields))) == [key(n) for n in expected]


def test_suspended_lines_come_account_by_account_and_page_by_page(indexed: Indexed) -> None:
    store, unsettled = indexed
    write(store, [line(9), line(1, shard=2), line(5, account_id="b"), line(2), line(7, tenant="aaa")])
    everything = [
        Suspended(1, "aaa", "main", key(7)),
        Suspended(1, "acme", "b", key(5)),
        Suspended(1, "acme", "main", key(2)),
        Suspended(1, "acme", "main", key(9)),
        Suspended(2, "acme", "main", key(1)),
    ]
    assert unsettled.suspended(price(), BEFORE_ALL, 100) == everything
    assert unsettled.suspended(price(), BEFORE_ALL, 2) == everything[:2]
    assert unsettled.suspended(price(), everything[1], 2) == everything[2:4]
    assert unsettled.suspended(price(), everything[3], 2) == everything[4:]
