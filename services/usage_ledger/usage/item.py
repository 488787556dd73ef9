"""A usage item as it comes from outside, in JSON or from Kafka: the shape of it, judged while it is decoded.

What does not fit this shape fails its request. What fits but cannot be understood (an unknown unit, a negative count)
is the item's own problem, found when the item is prepared (``attempt.py``), so that its neighbours are recorded (U5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from usage_ledger.identifiers import Currency, Id, ModelName

MAX_TAGS: Final = 16
_MAX_USAGE_NAMES: Final = 64

Time = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 with a zone, to the microsecond."""

UnitName = Annotated[str, msgspec.Meta(max_length=64)]
TagName = Annotated[str, msgspec.Meta(max_length=64)]
TagValue = Annotated[str, msgspec.Meta(max_length=256)]

Credential = Literal["platform", "byok"]
Operation = Literal["generate", "fetch", "poll"]
Status = Literal["final", "partial", "failed"]


class ReportedMoney(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the gateway says the attempt cost: decimal text with at most 15 places (U8)."""

    amount: Annotated[str, msgspec.Meta(max_length=64)]
    currency: Currency


class UsageItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One attempt: one call to one provider. ``id`` is the attempt's, unique by tenant and source (U3).

    ``usage`` counts disjoint buckets by their wire names (U7), any integers at all. ``source`` defaults to the key's;
    ``tenant`` is for gateway keys. ``credential`` is what the gateway observed, not what decides the charge.
    """

    id: Id
    workspace_id: Id
    occurred_at: Time
    model: ModelName
    usage: Annotated[dict[UnitName, int], msgspec.Meta(max_length=_MAX_USAGE_NAMES)]
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
