"""Folds charge lines into hours. This is the hottest loop of the read side: it runs once per usage item.

Lines of one event share few decisions, prices and hours, so the totals that a line adds to are looked up once per
combination and event; the loop itself only adds integers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from usage_ledger_views.event import Event

MICROS_PER_HOUR = 3_600_000_000
HOURS_PER_DAY = 24
UNPRICED = frozenset({"no_price", "no_price_in_currency", "bucket_unpriced", "no_margin_rule", "no_reported_cost"})

MEASURES = (
    "requests",
    "charged",
    "provider_cost",
    "unpriced",
    "route_mismatches",
    "last_occurred_at",
    "input_tokens",
    "cache_read_tokens",
    "output_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "images",
    "request_units",
    "characters",
    "audio_milliseconds",
    "searches",
)
"""The columns that lines add to, in the order of ``Totals``."""

REQUESTS, CHARGED, COST, UNPRICED_ITEMS, MISMATCHES, LAST, INPUT, CACHE_READ, OUTPUT = range(9)
OTHER_BUCKETS = {
    **{name.removesuffix("_tokens"): index for index, name in enumerate(MEASURES) if index > OUTPUT},
    "requests": MEASURES.index("request_units"),
}
"""Index of the buckets that few lines have, by their names in events. Another name blocks the stream, loudly."""

Totals = list[int]
Slot = tuple[int, int, int]
"""Indexes of a line's decision and price in its event, and its hour, counted from 1970-01-01 UTC."""


class UsageKey(NamedTuple):
    """A row of ``views.usage_summary``; ``day`` counts from 1970-01-01 UTC, ``hour`` from 0 within it."""

    tenant: str
    day: int
    hour: int
    account_id: str
    workspace_id: str
    user_id: str
    key_id: str
    provider: str
    model: str
    mode: str
    credential: str
    currency: str


UsageChanges = dict[UsageKey, Totals]


def usage_recorded(changes: UsageChanges, event: Event) -> None:
    """Add every line of the event to its hour. Quantities are units of their bucket, money nano-units."""
    record = event.record
    slots: dict[Slot, tuple[Totals, Totals | None]] = {}
    mismatched: set[int] = set()
    for line in record["lines"]:
        at = line["occurred_at"]
        slot = (line["decision"], line["price"], at // MICROS_PER_HOUR)
        found = slots.get(slot)
        if found is None:
            found = slots[slot] = _totals(changes, record, slot)
            if record["decisions"][slot[0]]["route_mismatch"]:
                mismatched.add(slot[0])
        totals, cost_totals = found
        totals[REQUESTS] += 1
        totals[CHARGED] += line["charged"]
        totals[INPUT] += line["input"]
        totals[CACHE_READ] += line["cache_read"]
        totals[OUTPUT] += line["output"]
        if at > totals[LAST]:
            totals[LAST] = at
        if line["provider_cost"] is not None and cost_totals is not None:
            cost_totals[COST] += line["provider_cost"]
        if line["detail"] is not None or line["outcome"] in UNPRICED:
            _add_rare(changes, record, line, totals, priced_cost=cost_totals is not None)
    if mismatched:
        for line in record["lines"]:
            if line["decision"] in mismatched:
                slots[_slot(line)][0][MISMATCHES] += 1


def suspended_usage_rated(changes: UsageChanges, event: Event) -> None:
    """What lines came to when their price arrived, in the usage's own hour; their counts are there already (U12)."""
    record = event.record
    for line in record["lines"]:
        totals = _at(changes, _key(record, _slot(line), record["currency"]))
        totals[CHARGED] += line["charged"]
        totals[UNPRICED_ITEMS] -= 1


def usage_corrected(changes: UsageChanges, event: Event) -> None:
    """Take off what lines were and add what they are, in the usage's own hour; a void line counts nothing (U16)."""
    record = event.record
    valid = [
        line for line, correction in zip(record["lines"], record["corrections"], strict=True) if not correction["void"]
    ]
    usage_recorded(changes, event._replace(record={**record, "lines": valid}))
    before: UsageChanges = {}
    usage_recorded(before, event._replace(record={**record, "lines": record["before"]}))
    for key, totals in before.items():
        now = _at(changes, key)
        for measure, total in enumerate(totals):
            now[measure] -= total if measure != LAST else 0


def _totals(changes: UsageChanges, record: dict[str, Any], slot: Slot) -> tuple[Totals, Totals | None]:
    """Where the lines of one decision, price and hour add to, and where their cost does if it has a list price."""
    cost = record["prices"][slot[1]]["cost"]
    currency = record["currency"] or (cost["currency"] if cost else "")
    key = _key(record, slot, currency)
    totals = _at(changes, key)
    if cost is None:
        return totals, None
    return totals, totals if cost["currency"] == currency else _at(changes, key._replace(currency=cost["currency"]))


def _key(record: dict[str, Any], slot: Slot, currency: str) -> UsageKey:
    decision, price, hours = slot
    decided, basis = record["decisions"][decision], record["prices"][price]
    day, hour = divmod(hours, HOURS_PER_DAY)
    attribution = _attribution(decided)
    return UsageKey(
        tenant=record["tenant"],
        day=day,
        hour=hour,
        account_id=record["account_id"] or "",
        workspace_id=decided["workspace_id"],
        user_id=attribution.get("user") or "",
        key_id=attribution.get("key") or "",
        provider=basis["provider"] or "",
        model=answered_model(basis),
        mode=decided["mode"],
        credential=decided["credential"],
        currency=currency,
    )


def answered_model(basis: dict[str, Any]) -> str:
    """As it was before any alias: one that is recorded later must not move what was counted already (P4)."""
    detail = basis["detail"]
    return (detail and detail["mapped_from"]) or basis["model"]


def _attribution(decided: dict[str, Any]) -> dict[str, str | None]:
    """For whom it was used (U14); nothing where nobody said, or was not believed."""
    detail = decided["detail"]
    return (detail and detail["attribution"]) or {}


def _at(changes: UsageChanges, key: UsageKey) -> Totals:
    totals = changes.get(key)
    if totals is None:
        totals = changes[key] = [0] * len(MEASURES)
    return totals


def _add_rare(
    changes: UsageChanges, record: dict[str, Any], line: dict[str, Any], totals: Totals, *, priced_cost: bool
) -> None:
    """What few lines have: other buckets, a cost that only the provider's report names, no price."""
    totals[UNPRICED_ITEMS] += line["outcome"] in UNPRICED
    detail = line["detail"]
    if detail is None:
        return
    for quantity in detail["other_buckets"]:
        totals[OTHER_BUCKETS[quantity["bucket"]]] += quantity["quantity"]
    reported = detail["reported_cost"]
    if reported is not None and line["provider_cost"] is not None and not priced_cost:
        _at(changes, _key(record, _slot(line), reported["currency"]))[COST] += line["provider_cost"]


def _slot(line: dict[str, Any]) -> Slot:
    return line["decision"], line["price"], line["occurred_at"] // MICROS_PER_HOUR


APPLIERS = {
    "UsageRecorded": usage_recorded,
    "SuspendedUsageRated": suspended_usage_rated,
    "UsageCorrected": usage_corrected,
}
