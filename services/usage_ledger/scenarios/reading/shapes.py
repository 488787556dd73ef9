"""Values of a command that are more than one word: usage items, prices, journal lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from usage_ledger.scenarios.reading.fields import (
    Kind,
    by_name,
    count,
    currency,
    flag,
    label,
    many,
    money,
    one_of,
    price,
    record,
    text,
    time,
    whole,
)
from usage_ledger.scenarios.reading.node import Node

buckets: Final = by_name(whole)
prices_by_bucket: Final = by_name(price)
approved: Final = record({"reason": text, "approved_by": text}, ("reason", "approved_by"))
_attribution_kinds: Final[Mapping[str, Kind]] = dict.fromkeys(("user", "workspace", "key", "team", "end_user"), label)
attribution: Final = record(_attribution_kinds)
margin: Final = record(
    {"type": one_of("multiplier", "percent"), "value": price, "allow_below_cost": flag}, ("type", "value")
)
line: Final = record({"code": text, "debit": money, "credit": money, "account": label}, ("code",))
_scope_kinds: Final[Mapping[str, Kind]] = dict.fromkeys(("user", "workspace", "key", "team"), label)

item: Final = record(
    {
        "attempt": label,
        "model": label,
        "buckets": buckets,
        "api_flavor": one_of("openai", "anthropic", "google", "otel"),
        "raw_usage": lambda node: node.plain(),
        "reported_cost": money,
        "credential": one_of("platform", "byok"),
        "status": one_of("final", "partial", "failed"),
        "operation": one_of("generate", "fetch", "poll"),
        "capability": label,
        "occurred_at": time,
        "fallback_from": label,
        "currency": currency,
    },
    ("attempt", "model"),
)

_threshold: Final = record({"over": count, "per_million": prices_by_bucket}, ("over", "per_million"))
price_form: Final = record(
    {
        "per_million": prices_by_bucket,
        "per_unit": prices_by_bucket,
        "per_request": price,
        "reported_cost": flag,
        "tiers": many(
            record(
                {
                    "bucket": label,
                    "mode": one_of("graduated", "volume"),
                    "basis": one_of("request", "period"),
                    "steps": many(record({"up_to": count, "flat": price, "unit": price})),
                    "size": count,
                    "price": price,
                    "free": count,
                },
                ("bucket",),
            )
        ),
        "thresholds": many(_threshold),
        "windows": many(
            record(
                {"from": text, "to": text, "per_million": prices_by_bucket, "thresholds": many(_threshold)},
                ("from", "to", "per_million"),
            )
        ),
    }
)


def scope(node: Node) -> Any:
    """The word ``account``, or one of user, workspace, key and team with its id."""
    return record(_scope_kinds)(node) if isinstance(node.value, dict) else one_of("account")(node)
