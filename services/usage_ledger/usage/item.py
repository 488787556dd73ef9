"""A usage item as it comes from outside, in JSON or from Kafka: the shape of it, judged while it is decoded.

What does not fit this shape fails its request. What fits but cannot be understood (an unknown unit, a negative count)
is the item's own problem, found when the item is prepared (``attempt.py``), so that its neighbours are recorded (U5).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import UNSET, UnsetType

from usage_ledger.accounts.usage_details import Attribution, Quality
from usage_ledger.identifiers import Currency, Id, ModelName, Reference

MAX_TAGS: Final = 16
_MAX_USAGE_NAMES: Final = 64

MAX_RAW_DEPTH: Final = 32
"""Of raw usage, which is written and read again by code that recurses, from stacks of any depth."""

Time = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 with a zone, to the microsecond."""

UnitName = Annotated[str, msgspec.Meta(max_length=64)]
TagName = Annotated[str, msgspec.Meta(max_length=64)]
TagValue = Annotated[str, msgspec.Meta(max_length=256)]

Credential = Literal["platform", "byok"]
Operation = Literal["generate", "fetch", "poll"]
Status = Literal["final", "partial", "failed"]
ApiFlavor = Literal["openai", "anthropic", "google", "otel"]


class ReportedMoney(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the gateway says the attempt cost: decimal text with at most 15 places (U8)."""

    amount: Annotated[str, msgspec.Meta(max_length=64)]
    currency: Currency


class UsageItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One attempt: one call to one provider. ``id`` is the attempt's, unique by tenant and source (U3).

    ``usage`` counts disjoint buckets by their wire names (U7), any integers at all; or ``raw_usage`` has the counts, as
    the provider's API of ``api_flavor`` gave them. ``source`` defaults to the key's; ``tenant`` is for gateway keys.
    ``credential`` is what the gateway observed, not what decides the charge.
    """

    id: Id
    workspace_id: Id
    occurred_at: Time
    model: ModelName
    usage: Annotated[dict[UnitName, int], msgspec.Meta(max_length=_MAX_USAGE_NAMES)] | UnsetType = UNSET
    tenant: Id | None = None
    source: Id | None = None
    provider: Id | None = None
    runtime: Id | None = None
    reported_cost: ReportedMoney | None = None
    credential: Credential | None = None
    run_id: Id | None = None
    request_id: Id | None = None
    operation_id: Id | None = None
    operation: Operation | None = None
    fallback_from: Id | None = None
    capability: Id | None = None
    tags: Annotated[dict[TagName, TagValue], msgspec.Meta(max_length=MAX_TAGS)] | None = None
    status: Status | None = None
    raw_usage: dict[str, Any] | None = None
    api_flavor: ApiFlavor | None = None
    quality: Quality | None = None
    requested_model: ModelName | None = None
    provider_response_id: Reference | None = None
    hold_id: Id | None = None
    bill_to: Id | None = None
    attributed_to: Attribution | None = None

    def __post_init__(self) -> None:
        if self.usage is UNSET or self.raw_usage is not None or self.api_flavor is not None:
            _require_counts_once(self)


def _require_counts_once(item: UsageItem) -> None:
    """Counts come in one way. Raises ValueError in msgspec's own words, so that it is told like any wrong field."""
    if item.raw_usage is None and item.usage is UNSET:
        raise ValueError("Object missing required field `usage`")
    if item.raw_usage is None or item.api_flavor is None:
        missing = "raw_usage" if item.raw_usage is None else "api_flavor"
        raise ValueError(f"Object missing required field `{missing}`")
    if item.usage is not UNSET:
        raise ValueError("Counts come as `usage` or as `raw_usage`, not as both")
    if is_deep(item.raw_usage):
        raise ValueError(f"Raw usage is nested at most {MAX_RAW_DEPTH} deep")


def is_deep(raw_usage: dict[str, Any]) -> bool:
    """Whether raw usage is nested more than ``MAX_RAW_DEPTH`` deep."""
    level: list[Any] = [raw_usage]
    for _ in range(MAX_RAW_DEPTH):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()
