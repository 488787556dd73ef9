"""What is known of an item before the lock: its counts, its problem, its digests (U3, U5, U7, U8)."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import msgspec
import pytest

from usage_ledger.accounts.events import ReportedCost
from usage_ledger.pricing.buckets import BUCKETS
from usage_ledger.usage.counts import BUCKET_BY_WIRE_NAME
from usage_ledger.usage.item import UsageItem

from .items import attempt

DIFFERENT_CONTENT: list[dict[str, Any]] = [
    {"provider": "acme"},
    {"model": "acme/large"},
    {"credential": "byok"},
    {"credential": "platform"},
    {"operation": "poll"},
    {"status": "partial"},
    {"usage": {"input_tokens": 1_000_001}},
    {"usage": {"output_tokens": 1_000_000}},
    {"usage": {"cache_read_tokens": 1_000_000}},
    {"usage": {"input_tokens": 1_000_000, "images": 1}},
    {"reported_cost": {"amount": "1", "currency": "USD"}},
    {"reported_cost": {"amount": "1", "currency": "EUR"}},
    {"reported_cost": {"amount": "1.000000000000001", "currency": "USD"}},
]

EQUAL_CONTENT: list[dict[str, Any]] = [
    {"occurred_at": "2026-03-01T00:00:00Z"},
    {"workspace_id": "other"},
    {"request_id": "r1"},
    {"tags": {"a": "b"}},
    {"status": "final"},
    {"operation": "generate"},
    {"usage": {"input_tokens": 1_000_000, "output_tokens": 0, "images": 0}},
]


def test_every_bucket_has_one_name_on_the_wire() -> None:
    assert sorted(BUCKET_BY_WIRE_NAME.values()) == sorted(BUCKETS)
    assert BUCKET_BY_WIRE_NAME["cache_write_tokens"] == "cache_write_5m"
    assert BUCKET_BY_WIRE_NAME["audio_milliseconds"] == "audio_milliseconds"


def test_counts_go_to_their_buckets_and_zero_is_dropped() -> None:
    usage = {name: index for index, name in enumerate(BUCKET_BY_WIRE_NAME)}
    counted = attempt(usage=usage)
    expected = {BUCKET_BY_WIRE_NAME[name]: quantity for name, quantity in usage.items()}
    assert counted.input == expected.pop("input") == 0
    assert counted.cache_read == expected.pop("cache_read")
    assert counted.output == expected.pop("output")
    assert counted.others == tuple(sorted(expected.items()))
    assert attempt(usage={"images": 0, "input_tokens": 3}).others == ()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"usage": {"furlongs": 7}}, "unknown_unit"),
        ({"usage": {"input": 7}}, "unknown_unit"),
        ({"usage": {"furlongs": -7, "input_tokens": -1}}, "unknown_unit"),
        ({"usage": {"input_tokens": -1}}, "invalid_quantity"),
        ({"usage": {"images": -1}}, "invalid_quantity"),
        ({"usage": {"output_tokens": 2**63}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "-1", "currency": "USD"}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "1e3", "currency": "USD"}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "1,000", "currency": "USD"}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "", "currency": "USD"}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "1\n", "currency": "USD"}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "0.0000000000000001", "currency": "USD"}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "9223.372036854775808", "currency": "USD"}}, "amount_out_of_range"),
        ({"usage": {"output_tokens": 2**63 - 1}}, None),
        ({"usage": {}}, None),
    ],
)
def test_an_item_that_cannot_be_understood_says_why(fields: dict[str, Any], code: str | None) -> None:
    assert attempt(**fields).problem == code


@pytest.mark.parametrize(
    ("amount", "femto"),
    [
        ("0.80", 8 * 10**14),
        ("0.000000000000001", 1),
        ("9223.372036854775807", 2**63 - 1),
        ("0", 0),
        ("007", 7 * 10**15),
    ],
)
def test_a_reported_cost_is_exact_to_15_places(amount: str, femto: int) -> None:
    assert attempt(reported_cost={"amount": amount, "currency": "EUR"}).reported_cost == ReportedCost(femto, "EUR")


@pytest.mark.parametrize("fields", DIFFERENT_CONTENT)
def test_what_changes_the_charge_changes_the_content(fields: dict[str, Any]) -> None:
    assert attempt(**fields).content != attempt().content


def test_no_two_contents_are_confused() -> None:
    contents = {attempt(**fields).content for fields in DIFFERENT_CONTENT}
    assert len(contents) == len(DIFFERENT_CONTENT)


@pytest.mark.parametrize("fields", EQUAL_CONTENT)
def test_what_does_not_change_the_charge_leaves_the_content(fields: dict[str, Any]) -> None:
    assert attempt(**fields).content == attempt().content


def test_the_key_is_the_digest_of_tenant_source_and_id() -> None:
    assert attempt().key == blake2b(b"t1\0gw\0a1", digest_size=16).digest()
    assert attempt(source="other").key == blake2b(b"t1\0other\0a1", digest_size=16).digest()
    assert len({attempt(tenant=tenant, source=source).key for tenant in "ab" for source in "cd"}) == 4


def test_the_raw_item_decodes_to_the_item_that_was_sent() -> None:
    sent = attempt(usage={"furlongs": -(10**30)}, tags={"b": "ü", "a": ""})
    assert msgspec.json.decode(sent.raw, type=UsageItem) == sent.item


def test_counts_of_thousands_of_digits_are_kept_shortened() -> None:
    sent = attempt(usage={"furlongs": 10**4_000, "miles": -(10**4_000), "yards": 2**127 - 1})
    assert json.loads(sent.raw)["usage"] == {"furlongs": 2**127 - 1, "miles": 1 - 2**127, "yards": 2**127 - 1}


def test_a_plain_item_has_no_detail_and_a_rare_one_has_it_all() -> None:
    assert attempt().detail is None
    detail = attempt(tags={"b": "2", "a": "1"}, request_id="r", usage={"searches": 2}, source="edge").detail
    assert detail is not None
    assert [(tag.name, tag.value) for tag in detail.tags] == [("a", "1"), ("b", "2")]
    assert [(other.bucket, other.quantity) for other in detail.other_buckets] == [("searches", 2)]
    assert (detail.request_id, detail.source, detail.status, detail.operation) == ("r", "edge", "final", "generate")


@pytest.mark.parametrize(
    ("fields", "exemption"),
    [
        ({}, None),
        ({"status": "partial"}, None),
        ({"status": "failed"}, "failed"),
        ({"operation": "fetch"}, "not_billable"),
        ({"operation": "poll", "status": "failed"}, "not_billable"),
    ],
)
def test_a_failed_attempt_and_a_stored_answer_are_exempt(fields: dict[str, Any], exemption: str | None) -> None:
    assert attempt(**fields).exemption == exemption
