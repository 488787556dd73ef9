"""A schema has no place for any JSON object, so raw usage is text on a topic; no object fails with a pointer."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from usage_ledger.entrypoints.kafka_door.not_taken import NotTaken
from usage_ledger.entrypoints.kafka_door.usage_items import read_batch, read_correction
from usage_ledger_schemas import codec

NOON = 1_772_452_800_000_000


def decoded(name: str, record: dict[str, Any]) -> codec.Decoded:
    return codec.decode_strict(codec.fingerprint(name), codec.encode(name, record))[1]


def batch(raw_usage: str, usage: dict[str, int]) -> codec.Decoded:
    item = {"id": "a1", "workspace_id": "ws", "occurred_at": NOON, "model": "m", "usage": usage}
    return decoded("RecordUsage", {"items": [item | {"raw_usage": raw_usage, "api_flavor": "openai"}]})


def correction(raw_usage: str) -> codec.Decoded:
    named = {"item": "a1", "source": "gw", "reason": "r", "api_flavor": "openai"}
    return decoded("CorrectUsage", named | {"raw_usage": raw_usage})


@pytest.mark.rule("U7")
def test_the_text_is_the_object_and_the_empty_map_beside_it_is_no_count() -> None:
    (item,) = read_batch(batch('{"prompt_tokens":3}', {})).items
    assert (item.raw_usage, item.usage) == ({"prompt_tokens": 3}, UNSET)
    corrected = read_correction(correction('{"prompt_tokens":3}'))
    assert (corrected.raw_usage, corrected.usage) == ({"prompt_tokens": 3}, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "invalid_value"), ("", "invalid_value"), ("[]", "wrong_type"), ("[" * 5_000, "invalid_value")],
)
def test_a_text_that_is_no_object_is_not_taken(text: str, code: str) -> None:
    with pytest.raises(NotTaken) as of_usage:
        read_batch(batch(text, {}))
    assert (of_usage.value.code, of_usage.value.pointer) == (code, "/items/0/raw_usage")
    with pytest.raises(NotTaken) as of_correction:
        read_correction(correction(text))
    assert (of_correction.value.code, of_correction.value.pointer) == (code, "/raw_usage")


def test_counts_come_in_one_way() -> None:
    with pytest.raises(NotTaken) as both:
        read_batch(batch('{"prompt_tokens":3}', {"input_tokens": 3}))
    assert both.value.code == "invalid_value"
