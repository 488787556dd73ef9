"""Which lot burns first (C3). Every pair differs in one key, and in all later keys the other way round."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from usage_ledger.accounts.burn_down import Lot, burn_order

pytestmark = pytest.mark.rule("C3")


def lot(name: str, **fields: Any) -> Lot:
    plain: dict[str, Any] = {
        "kind": "purchase",
        "amount": 10,
        "remaining": 10,
        "priority": 50,
        "effective_at": 0,
        "expires_at": None,
        "recorded_at": 0,
        "version": 2,
    }
    return Lot(lot=name, **plain | fields)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"priority": 1, "expires_at": None}, {"priority": 2, "expires_at": 5, "kind": "promo"}),
        ({"expires_at": 5, "kind": "purchase"}, {"expires_at": 6, "kind": "promo"}),
        ({"expires_at": 5, "kind": "purchase"}, {"expires_at": None, "kind": "promo"}),
        ({"kind": "promo", "effective_at": 9}, {"kind": "purchase", "effective_at": 1}),
        ({"kind": "promo", "effective_at": 9}, {"kind": "transfer", "effective_at": 1}),
        ({"kind": "goodwill", "effective_at": 9}, {"kind": "adjustment", "effective_at": 1}),
        ({"effective_at": 1, "recorded_at": 9}, {"effective_at": 2, "recorded_at": 1}),
        ({"recorded_at": 1, "version": 9}, {"recorded_at": 2, "version": 3}),
        ({"version": 9}, {"version": 10}),
    ],
    ids=[
        "priority",
        "expiry",
        "no expiry last",
        "promo",
        "before transfer",
        "goodwill",
        "effective",
        "recorded",
        "event",
    ],
)
def test_the_first_key_that_differs_decides(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert burn_order(lot("first", **first)) < burn_order(lot("second", **second))


def test_the_order_does_not_depend_on_the_order_of_arrival() -> None:
    lots = [
        lot("a", priority=10, kind="promo"),
        lot("b", kind="promo", expires_at=4),
        lot("c", expires_at=5),
        lot("d", kind="promo"),
        lot("e"),
    ]
    for arrived in permutations(lots):
        assert [each.lot for each in sorted(arrived, key=burn_order)] == ["a", "b", "c", "d", "e"]
