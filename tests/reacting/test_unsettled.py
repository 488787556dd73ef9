"""What a fact may settle is found by it, page by page, in memory and on Postgres alike."""

from __future__ import annotations

from typing import Any

import pytest

from store.events import place
from usage_ledger.reacting.unsettled import BEFORE_ALL, Suspended, Unsettled, Wanted
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


NEW = frozenset(("acme/new",))


def found(unsettled: Unsettled, wanted: Wanted) -> list[bytes]:
    return [suspended.key for suspended in unsettled.suspended(wanted, BEFORE_ALL, 100)]


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
    assert found(unsettled, Wanted(NEW)) == [key(4)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(NEW), [1, 2, 3, 4, 6]),
        (Wanted(NEW, "USD"), [1, 2, 3, 4]),
        (Wanted(frozenset(("acme/other",))), [5]),
        (Wanted(NEW | {"acme/other"}), [1, 2, 3, 4, 5, 6]),
        (Wanted(frozenset()), []),
        (Wanted(None), [1, 2, 3, 4, 5, 6]),
        (Wanted(NEW, "EUR"), [6]),
        (Wanted(NEW, occurred_from=1_000), [1, 2, 3, 4, 6]),
        (Wanted(NEW, occurred_from=1_001), [2]),
        (Wanted(NEW, occurred_to=1_000), []),
        (Wanted(NEW, occurred_to=2_000), [1, 3, 4, 6]),
        (Wanted(NEW, account=("acme", "main")), [1, 2, 6]),
        (Wanted(None, account=("other", "main")), [4]),
    ],
)
def test_a_fact_finds_the_lines_that_it_might_rate(indexed: Indexed, wanted: Wanted, expected: list[int]) -> None:
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
    assert sorted(found(unsettled, wanted)) == [key(n) for n in expected]


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
    assert unsettled.suspended(Wanted(NEW), BEFORE_ALL, 100) == everything
    assert unsettled.suspended(Wanted(NEW), BEFORE_ALL, 2) == everything[:2]
    assert unsettled.suspended(Wanted(NEW), everything[1], 2) == everything[2:4]
    assert unsettled.suspended(Wanted(NEW), everything[3], 2) == everything[4:]
