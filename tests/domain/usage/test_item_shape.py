"""What fails a whole request, and what does not (U5): the shape of an item on the wire."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from usage_ledger.usage.attempt import prepare

from .items import item


@pytest.mark.parametrize("quantity", [1.0, 1.5, True, "5", None, [1]])
def test_a_count_that_is_no_integer_fails_the_request(quantity: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        item(usage={"input_tokens": quantity})


@pytest.mark.parametrize("quantity", [-1, 2**63, 10**30])
def test_any_integer_can_be_decoded(quantity: int) -> None:
    assert item(usage={"input_tokens": quantity}).usage == {"input_tokens": quantity}


@pytest.mark.parametrize("field", ["id", "workspace_id", "source", "tenant", "request_id", "run_id", "fallback_from"])
@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a b", "ä", "a\n", "x" * 129])
def test_an_id_is_1_to_128_path_safe_characters(field: str, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        item(**{field: text})


@pytest.mark.parametrize("text", ["a", "x" * 128, "a.b", "...", "A-z_0:9@c"])
def test_every_path_safe_id_is_taken(text: str) -> None:
    assert item(id=text).id == text


def test_a_model_may_contain_a_slash_but_no_line_break() -> None:
    assert item(model="acme/small").model == "acme/small"
    with pytest.raises(msgspec.ValidationError):
        item(model="acme/small\n")


@pytest.mark.parametrize(
    "fields",
    [
        {"usages": {}},
        {"hold_id": "a/b"},
        {"raw_usage": {}},
        {"raw_usage": {"input_tokens": 1}, "api_flavor": "openai"},
        {"api_flavor": "openai"},
        {"attributed_to": {"users": "u1"}},
        {"quality": "guessed"},
        {"credential": "own"},
        {"status": "done"},
        {"operation": "read"},
        {"reported_cost": {"amount": 1, "currency": "USD"}},
        {"reported_cost": {"amount": "1", "currency": "usd"}},
        {"reported_cost": {"amount": "1"}},
        {"tags": {f"t{n}": "v" for n in range(17)}},
        {"tags": {"t" * 65: "v"}},
        {"tags": {"t": "v" * 257}},
        {"tags": {"t": 1}},
        {"usage": {f"u{n}": 1 for n in range(65)}},
        {"occurred_at": "2026-03-02T12:00:00"},
        {"occurred_at": "yesterday"},
        {"occurred_at": None},
    ],
)
def test_what_does_not_fit_the_shape_fails_the_request(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        item(**fields)


def test_16_tags_of_64_and_256_characters_are_taken() -> None:
    tags = {f"{n:064}": "v" * 256 for n in range(16)}
    assert item(tags=tags).tags == tags


def test_a_time_in_another_zone_is_the_same_instant() -> None:
    here = prepare(item(occurred_at="2026-03-02T12:00:00.123456Z"), "t1", "gw")
    there = prepare(item(occurred_at="2026-03-02T14:00:00.123456+02:00"), "t1", "gw")
    assert here.occurred_at == there.occurred_at == 1_772_452_800_123_456
