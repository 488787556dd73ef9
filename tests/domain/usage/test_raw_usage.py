"""Provider's usage objects become disjoint buckets (U7), or the item is rejected with a code and kept raw (U5)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.rehearsal import Rehearsal
from usage_ledger.usage.attempt import Attempt, prepare
from usage_ledger.usage.item import UsageItem

from .items import attempt, item
from .metered_ledger import lines, price, quarantined, record

SPLITS: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    (
        "openai",
        {"prompt_tokens": 2006, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 1920}},
        {"input": 86, "cache_read": 1920, "output": 300},
    ),
    (
        "openai",
        {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 60, "audio_tokens": 30},
            "output_tokens": 50,
            "output_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 10},
            "total_tokens": 150,
        },
        {"input": 10, "cache_read": 60, "audio_input": 30, "output": 20, "reasoning": 20, "audio_output": 10},
    ),
    ("openai", {"prompt_tokens": 5, "completion_tokens": None, "prompt_tokens_details": None}, {"input": 5}),
    ("openai", {"completion_tokens": 7, "service_tier": "default", "cost": 1.5}, {"output": 7}),
    ("openai", {"prompt_tokens": 5, "input_tokens": 5}, {"input": 5}),
    (
        "anthropic",
        {
            "input_tokens": 3,
            "cache_creation_input_tokens": 12_304,
            "cache_read_input_tokens": 7,
            "output_tokens": 550,
        },
        {"input": 3, "cache_read": 7, "cache_write_5m": 12_304, "output": 550},
    ),
    (
        "anthropic",
        {
            "input_tokens": 3,
            "cache_creation_input_tokens": 30,
            "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
            "output_tokens": 1,
        },
        {"input": 3, "cache_write_5m": 10, "cache_write_1h": 20, "output": 1},
    ),
    (
        "anthropic",
        {"input_tokens": 0, "cache_creation": {"ephemeral_1h_input_tokens": 20}},
        {"cache_write_1h": 20},
    ),
    (
        "anthropic",
        {"output_tokens": 1, "cache_creation_input_tokens": 30, "cache_creation": {"ephemeral_5m_input_tokens": None}},
        {"cache_write_5m": 30, "output": 1},
    ),
    (
        "google",
        {"promptTokenCount": 100, "cachedContentTokenCount": 40, "candidatesTokenCount": 9, "thoughtsTokenCount": 5},
        {"input": 60, "cache_read": 40, "output": 9, "reasoning": 5},
    ),
    (
        "google",
        {
            "promptTokenCount": 100,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 30},
                {"modality": "IMAGE", "tokenCount": 20},
                {"modality": "AUDIO", "tokenCount": 50},
            ],
            "cachedContentTokenCount": 25,
            "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 25}],
            "toolUsePromptTokenCount": 12,
            "toolUsePromptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 10},
                {"modality": "AUDIO", "tokenCount": 2},
            ],
            "candidatesTokenCount": 8,
            "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 8}, {"modality": "TEXT"}],
            "totalTokenCount": 1,
        },
        {"input": 60, "cache_read": 25, "audio_input": 27, "audio_output": 8},
    ),
    (
        "otel",
        {
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.cache_read.input_tokens": 60,
            "gen_ai.usage.cache_creation.input_tokens": 10,
            "gen_ai.usage.output_tokens": 40,
            "gen_ai.usage.reasoning.output_tokens": 15,
        },
        {"input": 30, "cache_read": 60, "cache_write_5m": 10, "output": 25, "reasoning": 15},
    ),
    (
        "otel",
        {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_write.input_tokens": 4},
        {"input": 6, "cache_write_5m": 4},
    ),
]

INCONSISTENT: list[tuple[str, dict[str, Any]]] = [
    ("openai", {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 11}}),
    ("openai", {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 6, "audio_tokens": 5}}),
    ("openai", {"completion_tokens": 10, "completion_tokens_details": {"reasoning_tokens": 11}}),
    ("openai", {"prompt_tokens": 10, "input_tokens": 11}),
    ("openai", {}),
    ("openai", {"promptTokenCount": 5}),
    ("anthropic", {"prompt_tokens": 5}),
    (
        "anthropic",
        {
            "input_tokens": 1,
            "cache_creation_input_tokens": 5,
            "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 2},
        },
    ),
    ("google", {"input_tokens": 5}),
    ("google", {"promptTokenCount": 10, "cachedContentTokenCount": 11}),
    ("google", {"promptTokenCount": 10, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}]}),
    ("otel", {"input_tokens": 5}),
    ("otel", {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 11}),
    ("otel", {"gen_ai.usage.output_tokens": 1, "gen_ai.usage.reasoning.output_tokens": 2}),
    (
        "otel",
        {
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.cache_creation.input_tokens": 1,
            "gen_ai.usage.cache_write.input_tokens": 2,
        },
    ),
]

NO_QUANTITY: list[object] = [-1, 1.0, True, "5", [], {}, 2**63]


def raw(flavor: str, usage: dict[str, Any], **fields: Any) -> Attempt:
    """An item that brings its counts as the provider sent them."""
    sent = msgspec.to_builtins(item())
    del sent["usage"]
    return prepare(msgspec.convert(sent | {"raw_usage": usage, "api_flavor": flavor} | fields, UsageItem), "t1", "gw")


def counted(flavor: str, usage: dict[str, Any]) -> dict[str, int]:
    found = raw(flavor, usage)
    assert found.problem is None, found.problem
    frequent = {"input": found.input, "cache_read": found.cache_read, "output": found.output}
    return {bucket: quantity for bucket, quantity in frequent.items() if quantity} | dict(found.others)


@pytest.mark.rule("U7")
@pytest.mark.parametrize(("flavor", "usage", "buckets"), SPLITS)
def test_a_providers_object_is_split_into_disjoint_buckets(
    flavor: str, usage: dict[str, Any], buckets: dict[str, int]
) -> None:
    assert counted(flavor, usage) == buckets


@pytest.mark.rule("U7")
@pytest.mark.parametrize(("flavor", "usage"), INCONSISTENT)
def test_parts_that_do_not_make_their_total_are_inconsistent(flavor: str, usage: dict[str, Any]) -> None:
    assert raw(flavor, usage).problem == "inconsistent_usage"


@pytest.mark.rule("U7")
@pytest.mark.parametrize("quantity", NO_QUANTITY)
@pytest.mark.parametrize(
    ("flavor", "name"),
    [
        ("openai", "prompt_tokens"),
        ("anthropic", "output_tokens"),
        ("google", "promptTokenCount"),
        ("otel", "gen_ai.usage.output_tokens"),
    ],
)
def test_a_named_member_that_is_no_quantity_is_invalid(flavor: str, name: str, quantity: object) -> None:
    assert raw(flavor, {name: quantity}).problem == "invalid_quantity"


@pytest.mark.parametrize(
    ("flavor", "usage"),
    [
        ("openai", {"prompt_tokens": 1, "prompt_tokens_details": 5}),
        ("anthropic", {"input_tokens": 1, "cache_creation": []}),
        ("google", {"promptTokenCount": 1, "promptTokensDetails": {}}),
        ("google", {"promptTokenCount": 1, "promptTokensDetails": [1]}),
        ("google", {"promptTokenCount": 1, "promptTokensDetails": [{"tokenCount": "1"}]}),
    ],
)
def test_details_of_another_shape_are_invalid(flavor: str, usage: dict[str, Any]) -> None:
    assert raw(flavor, usage).problem == "invalid_quantity"


def test_raw_usage_has_at_most_4_kb() -> None:
    fits: dict[str, Any] = {"prompt_tokens": 1, "x": "y" * (4096 - len('{"prompt_tokens":1,"x":""}'))}
    assert raw("openai", fits).problem is None
    assert raw("openai", fits | {"x": fits["x"] + "y"}).problem == "raw_usage_too_large"


def test_the_same_counts_are_the_same_content_in_whichever_way_they_come() -> None:
    """U3: a gateway that starts to send the provider's object does not make its own retries conflicts."""
    plain = attempt(usage={"input_tokens": 86, "cache_read_tokens": 1920, "output_tokens": 300})
    assert raw(*SPLITS[0][:2]).content == plain.content


def test_raw_usage_is_kept_beside_the_buckets(ledger: Rehearsal) -> None:
    ledger.given(
        price("acme/omni", "omni-1", {"input": "2.5", "cache_read": "1.25", "output": "10"}), tenant="platform"
    )
    _, usage, _ = SPLITS[0]
    (answer,) = record(
        ledger,
        {"model": "acme/omni", "usage": None, "raw_usage": usage, "api_flavor": "openai", "quality": "estimated"},
    )
    assert answer["charged"] == "0.005615"
    (line,) = lines(ledger)
    assert (line.input, line.cache_read, line.output) == (86, 1920, 300)
    assert line.detail is not None
    report = line.detail.report
    assert report is not None
    assert (report.quality, report.api_flavor) == ("estimated", "openai")
    assert report.raw_usage is not None
    assert msgspec.json.decode(report.raw_usage) == usage


@pytest.mark.rule("U5")
@pytest.mark.parametrize(
    ("usage", "code"),
    [
        (INCONSISTENT[0][1], "inconsistent_usage"),
        ({"prompt_tokens": -1}, "invalid_quantity"),
    ],
)
def test_what_cannot_be_split_is_kept_raw_and_takes_no_id(ledger: Rehearsal, usage: dict[str, Any], code: str) -> None:
    sent = {"usage": None, "raw_usage": usage, "api_flavor": "openai"}
    (answer,) = record(ledger, sent)
    assert (answer["status"], answer["code"]) == ("rejected", code)
    (kept,) = quarantined(ledger)
    assert msgspec.json.decode(kept.raw)["raw_usage"] == usage
    assert ledger.attempts_taken == 0


def test_of_raw_usage_that_is_too_large_the_beginning_is_kept(ledger: Rehearsal) -> None:
    """The whole of it would not fit an event."""
    sent = {"prompt_tokens": 1, "x": "y" * 300_000}
    (answer,) = record(ledger, {"usage": None, "raw_usage": sent, "api_flavor": "openai"})
    assert answer["code"] == "raw_usage_too_large"
    (kept,) = quarantined(ledger)
    beginning = msgspec.json.decode(kept.raw)["raw_usage"]["cut"]
    assert beginning == msgspec.json.encode(sent).decode()[:4096]
