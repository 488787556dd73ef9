"""Price forms that give something two prices, or none (P5-P7)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.given import Then, When
from domain.pricing.rated import price_text
from usage_ledger.pricing.commands import PriceText, PublishPrices

BASE = {"per_million": {"input": "1", "output": "2"}}
DEARER = {"input": "2", "output": "4"}
STEPS = [{"up_to": 10, "unit": "1"}, {"unit": "2"}]


def publish(price: PriceText) -> PublishPrices:
    return PublishPrices("v1", "acme/small", "sell", "USD", price, "launch")


def tiers(*each: dict[str, Any]) -> dict[str, Any]:
    return {"tiers": [{"bucket": "searches", "mode": "graduated", "steps": STEPS} | one for one in each]}


def window(from_: str, to: str, **fields: Any) -> dict[str, Any]:
    return {"from": from_, "to": to, "per_million": DEARER, **fields}


@pytest.mark.parametrize(
    ("price", "code", "pointer"),
    [
        (tiers({"steps": [{"up_to": 10, "unit": "1"}]}), "price_hole", "/price/tiers/0/steps/0"),
        (tiers({"steps": [{"up_to": 10}, {"unit": "1"}]}), "price_hole", "/price/tiers/0/steps/0"),
        (tiers({"steps": [*STEPS, {"unit": "3"}]}), "price_overlap", "/price/tiers/0/steps/1"),
        (tiers({"steps": [STEPS[0], *STEPS]}), "price_overlap", "/price/tiers/0/steps/1"),
        (tiers({"steps": [STEPS[0], {"up_to": 9, "unit": "1"}, STEPS[1]]}), "price_overlap", "/price/tiers/0/steps/1"),
        (tiers({"steps": [{"unit": "-1"}]}), "invalid_price", "/price/tiers/0/steps/0/unit"),
        (tiers({"steps": [{"flat": "1e3"}]}), "invalid_price", "/price/tiers/0/steps/0/flat"),
        (tiers({"steps": [{"flat": "99999"}]}), "invalid_price", "/price/tiers/0/steps/0/flat"),
        (tiers({"steps": []}), "invalid_price", "/price/tiers/0"),
        (tiers({"size": 10}), "invalid_price", "/price/tiers/0"),
        (tiers({"mode": None, "steps": []}), "invalid_price", "/price/tiers/0"),
        (tiers({"mode": None, "steps": [], "size": 10}), "invalid_price", "/price/tiers/0"),
        (tiers({"mode": None, "size": 10, "price": "1"}), "invalid_price", "/price/tiers/0"),
        (tiers({"mode": None, "steps": [], "size": 9, "price": "-1"}), "invalid_price", "/price/tiers/0/price"),
        (tiers({"mode": "volume", "basis": "period"}), "volume_by_period", "/price/tiers/0/basis"),
        (tiers({"bucket": "widgets"}), "unknown_unit", "/price/tiers/0/bucket"),
        (tiers({}, {}), "price_overlap", "/price/tiers/1/bucket"),
        (BASE | tiers({"bucket": "input"}), "price_overlap", "/price/tiers"),
        (BASE | {"reported_cost": True}, "price_overlap", "/price/reported_cost"),
        (tiers({}) | {"reported_cost": True}, "price_overlap", "/price/reported_cost"),
        (BASE | {"thresholds": [{"over": 5, "per_million": {"input": "2"}}]}, "price_hole", "/price/thresholds"),
        (
            BASE | {"thresholds": [{"over": 5, "per_million": DEARER | {"images": "1"}}]},
            "price_hole",
            "/price/thresholds",
        ),
        (
            BASE | {"thresholds": [{"over": 5, "per_million": DEARER}, {"over": 5, "per_million": DEARER}]},
            "price_overlap",
            "/price/thresholds/1/over",
        ),
        (
            BASE | {"thresholds": [{"over": 5, "per_million": {"input": "-2"}}]},
            "invalid_price",
            "/price/thresholds/0/per_million/input",
        ),
        (BASE | {"windows": [window("25:00", "01:00")]}, "invalid_price", "/price/windows/0/from"),
        (BASE | {"windows": [window("01:00", "noon")]}, "invalid_price", "/price/windows/0/to"),
        (BASE | {"windows": [window("01:00", "01:00")]}, "invalid_price", "/price/windows/0"),
        (BASE | {"windows": [window("00:00", "24:00")]}, "invalid_price", "/price/windows/0"),
        (
            BASE | {"windows": [window("22:00", "02:00"), window("01:59", "03:00")]},
            "price_overlap",
            "/price/windows/1",
        ),
        (
            BASE | {"windows": [window("22:00", "02:00"), window("21:00", "22:01")]},
            "price_overlap",
            "/price/windows/1",
        ),
        (
            BASE | {"windows": [window("22:00", "02:00") | {"per_million": {"input": "1"}}]},
            "price_hole",
            "/price/windows/0/per_million",
        ),
        (
            BASE | {"windows": [window("22:00", "02:00", thresholds=[{"over": 1, "per_million": {"input": "1"}}])]},
            "price_hole",
            "/price/windows/0/thresholds",
        ),
        ({"windows": [window("22:00", "02:00")]}, "price_hole", "/price/windows/0/per_million"),
        ({"per_unit": {"input": "1000.000000000000001"}}, "price_absurd", "/price/per_unit/input"),
        (tiers({"bucket": "output", "steps": [{"unit": "1001"}]}), "price_absurd", "/price/tiers/0/steps/0/unit"),
        (
            tiers({"steps": [{"up_to": n, "unit": "1"} for n in range(1, 202)]}),
            "price_hole",
            "/price/tiers/0/steps/200",
        ),
        (
            tiers({"steps": [*({"up_to": n, "unit": "1"} for n in range(1, 201)), {"unit": "1"}]}),
            "invalid_price",
            "/price",
        ),
    ],
)
def test_the_price_is_refused(when: When, then: Then, price: dict[str, Any], code: str, pointer: str) -> None:
    when(publish(price_text(**price)))
    then.invalid(code, pointer)


@pytest.mark.parametrize(
    "price",
    [
        BASE | tiers({}),
        BASE | {"windows": [window("22:00", "02:00"), window("02:00", "03:00"), window("21:00:30", "22:00")]},
        {"windows": [window("22:00", "02:00"), window("02:00", "22:00")]},
        {"per_unit": {"input": "1000", "images": "9000"}},
        {"reported_cost": True, "per_request": "1"},
        tiers({"steps": [*({"up_to": n, "unit": "1"} for n in range(1, 200)), {"unit": "1"}]}),
    ],
)
def test_what_leaves_nothing_open_is_taken(when: When, then: Then, price: dict[str, Any]) -> None:
    when(publish(price_text(**price)))
    then.accepted()


@pytest.mark.parametrize(
    "price",
    [
        tiers({"steps": [{"up_to": 0, "unit": "1"}, {"unit": "1"}]}),
        tiers({"size": 0}),
        tiers({"free": -1}),
        tiers({"mode": "staircase"}),
        tiers({"basis": "year"}),
        tiers({"steps": [{"up_to": 2**63, "unit": "1"}]}),
        {"thresholds": [{"over": -1, "per_million": {}}]},
        {"reported_cost": "yes"},
    ],
)
def test_what_has_not_the_shape_of_a_price_is_none(price: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        price_text(**price)
