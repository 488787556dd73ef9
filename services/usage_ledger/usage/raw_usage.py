"""From the usage object of a provider's API to disjoint buckets (U7): each flavour says which totals include what.

Members that a flavour does not name are ignored whatever their type; null counts as absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

from usage_ledger.usage.counts import MAX_QUANTITY, Counts
from usage_ledger.usage.item import ApiFlavor

MAX_RAW_BYTES: Final = 4_096
"""Of the object as JSON; beyond it an item has to give its buckets."""

_OTEL: Final = "gen_ai.usage."

Buckets = dict[str, int]


class _NotUnderstood(Exception):
    """Carries the code for which the item is rejected."""


def read_raw_usage(raw: Mapping[str, Any], flavor: ApiFlavor) -> Counts | str:
    """The item's counts; or the code of its problem (U5).

    ``raw_usage_too_large``; ``invalid_quantity`` for a named member that is no non-negative integer of 64 bits;
    ``inconsistent_usage`` for a part larger than its total, parts that miss it, or an object without any total.
    """
    if len(raw_usage_text(raw).encode()) > MAX_RAW_BYTES:
        return "raw_usage_too_large"
    try:
        buckets = _SPLITS[flavor](_Members(raw))
    except _NotUnderstood as problem:
        return str(problem)
    input_, cache_read, output = buckets.pop("input"), buckets.pop("cache_read"), buckets.pop("output")
    return Counts(input_, cache_read, output, tuple(sorted([part for part in buckets.items() if part[1]])))


def raw_usage_text(raw: Mapping[str, Any]) -> str:
    """The object as JSON, as it is kept beside the buckets."""
    return msgspec.json.encode(raw).decode()


class _Members:
    """The named members of one object."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    def first(self, *names: str) -> int | None:
        """The quantity that goes by these names. Two that contradict each other say nothing."""
        found = {_quantity(self._raw[name]) for name in names if self._raw.get(name) is not None}
        if len(found) > 1:
            raise _NotUnderstood("inconsistent_usage")
        return found.pop() if found else None

    def count(self, *names: str) -> int:
        return self.first(*names) or 0

    def within(self, *names: str) -> _Members:
        """The object that goes by the first of these names that is there."""
        found: Any = next((self._raw[name] for name in names if self._raw.get(name) is not None), None)
        if found is None:
            return _Members({})
        if not isinstance(found, dict):
            raise _NotUnderstood("invalid_quantity")
        return _Members(cast("dict[str, Any]", found))

    def audio_of(self, details: str, total: int) -> int:
        """Audio tokens of a total that is given by modality as well (``google``)."""
        found: Any = self._raw.get(details)
        if found is None:
            return 0
        if not isinstance(found, list):
            raise _NotUnderstood("invalid_quantity")
        parts = [_modality(part) for part in cast("list[Any]", found)]
        if parts and sum([tokens for _, tokens in parts]) != total:
            raise _NotUnderstood("inconsistent_usage")
        return sum([tokens for is_audio, tokens in parts if is_audio])

    def require_any(self, *totals: str) -> None:
        """An object without a single total was written by another API, and must not pass for zero."""
        if all(self._raw.get(name) is None for name in totals):
            raise _NotUnderstood("inconsistent_usage")


def _openai(usage: _Members) -> Buckets:
    usage.require_any("prompt_tokens", "input_tokens", "completion_tokens", "output_tokens")
    prompt, completion = usage.count("prompt_tokens", "input_tokens"), usage.count("completion_tokens", "output_tokens")
    read = usage.within("prompt_tokens_details", "input_tokens_details")
    written = usage.within("completion_tokens_details", "output_tokens_details")
    cached, audio = read.count("cached_tokens"), read.count("audio_tokens")
    reasoning, audio_output = written.count("reasoning_tokens"), written.count("audio_tokens")
    return {
        "input": _rest(prompt, cached, audio),
        "cache_read": cached,
        "audio_input": audio,
        "output": _rest(completion, reasoning, audio_output),
        "reasoning": reasoning,
        "audio_output": audio_output,
    }


def _anthropic(usage: _Members) -> Buckets:
    usage.require_any("input_tokens", "output_tokens")
    total = usage.first("cache_creation_input_tokens")
    split = usage.within("cache_creation")
    short, long = split.first("ephemeral_5m_input_tokens"), split.first("ephemeral_1h_input_tokens")
    if short is None and long is None:
        short = total
    elif total is not None and total != (short or 0) + (long or 0):
        raise _NotUnderstood("inconsistent_usage")
    return {
        "input": usage.count("input_tokens"),
        "cache_read": usage.count("cache_read_input_tokens"),
        "cache_write_5m": short or 0,
        "cache_write_1h": long or 0,
        "output": usage.count("output_tokens"),
    }


def _google(usage: _Members) -> Buckets:
    """The prompt of tool use is not in the prompt's total. Cached audio is cached, so it is no audio input."""
    usage.require_any("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount")
    prompt, cached = usage.count("promptTokenCount"), usage.count("cachedContentTokenCount")
    tools, candidates = usage.count("toolUsePromptTokenCount"), usage.count("candidatesTokenCount")
    audio = _rest(usage.audio_of("promptTokensDetails", prompt), usage.audio_of("cacheTokensDetails", cached))
    audio_tools = usage.audio_of("toolUsePromptTokensDetails", tools)
    audio_output = usage.audio_of("candidatesTokensDetails", candidates)
    return {
        "input": _rest(prompt, cached, audio) + tools - audio_tools,
        "cache_read": cached,
        "audio_input": audio + audio_tools,
        "output": candidates - audio_output,
        "reasoning": usage.count("thoughtsTokenCount"),
        "audio_output": audio_output,
    }


def _otel(usage: _Members) -> Buckets:
    usage.require_any(f"{_OTEL}input_tokens", f"{_OTEL}output_tokens")
    cached = usage.count(f"{_OTEL}cache_read.input_tokens")
    written = usage.count(f"{_OTEL}cache_creation.input_tokens", f"{_OTEL}cache_write.input_tokens")
    reasoning = usage.count(f"{_OTEL}reasoning.output_tokens")
    return {
        "input": _rest(usage.count(f"{_OTEL}input_tokens"), cached, written),
        "cache_read": cached,
        "cache_write_5m": written,
        "output": _rest(usage.count(f"{_OTEL}output_tokens"), reasoning),
        "reasoning": reasoning,
    }


def _rest(total: int, *parts: int) -> int:
    """What is left of a total without its parts."""
    rest = total - sum(parts)
    if rest < 0:
        raise _NotUnderstood("inconsistent_usage")
    return rest


def _modality(part: Any) -> tuple[bool, int]:
    """Whether it is audio, and its tokens."""
    if not isinstance(part, dict):
        raise _NotUnderstood("invalid_quantity")
    named = cast("dict[str, Any]", part)
    tokens = named.get("tokenCount")
    return named.get("modality") == "AUDIO", 0 if tokens is None else _quantity(tokens)


def _quantity(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_QUANTITY:
        raise _NotUnderstood("invalid_quantity")
    return value


_SPLITS: Final[dict[ApiFlavor, Callable[[_Members], Buckets]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "google": _google,
    "otel": _otel,
}
