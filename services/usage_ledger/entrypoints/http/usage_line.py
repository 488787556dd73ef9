"""One charge with everything that led to it: item, decision, price, arithmetic, lots. From its event alone."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import asdict

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.drawn_parts import parts_by_line
from usage_ledger.accounts.events import ChargeLine, LineDetail, PriceBasis
from usage_ledger.adapters.postgres.ledger_reader import Recorded
from usage_ledger.entrypoints.http.arithmetic import Arithmetic, DrawnFrom, arithmetic
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.line_explained import (
    CorrectedFrom,
    booked_under,
    consumed,
    corrected_from,
    decided,
    reported,
    used_by,
)
from usage_ledger.entrypoints.http.line_priced import costs, priced
from usage_ledger.entrypoints.http.unbooked_usage import (
    DiscardedUsage,
    WaitingUsage,
    event_id,
    explain_discarded,
    explain_waiting,
    position,
)
from usage_ledger.money import format_amount
from usage_ledger.pricing.choice import is_stated
from usage_ledger.pricing.events import Margin
from usage_ledger.pricing.rating_detail import TierUsed
from usage_ledger.usage.answer import LINE_STATUS
from usage_ledger.usage.corrections.booked_line import Booked
from usage_ledger.usage.events import QuarantinedDiscarded, UsageQuarantined
from usage_ledger.usage.line_detail import PLAIN


class UsageLine(msgspec.Struct, frozen=True):
    """A booked attempt as it is now: recorded, rated when its price came, or corrected.

    Amounts are decimal text in ``currency``, costs in ``cost_currency``; counts are by bucket. ``mapped_from`` is the
    model that answered, where an alias led to ``model``; ``threshold`` is in tokens, ``window`` in times of day (UTC).
    """

    state: str
    attempt_id: str
    source: str
    event_id: str
    position: str
    occurred_at: str
    recorded_at: str
    workspace_id: str
    account_id: str | None
    currency: str | None
    model: str
    provider: str | None
    runtime: str | None
    capability: str
    credential: str
    operation: str
    status: str
    request_id: str | None
    operation_id: str | None
    fallback_from: str | None
    tags: dict[str, str]
    buckets: dict[str, int]
    mode: str
    mode_source: str
    policy_version: str
    registry_version: str | None
    route_mismatch: bool
    payer: str | None
    payer_reason: str
    line_status: str
    reason: str | None
    price_version: str | None
    list: str | None
    account_specific: bool | None
    charged: str
    arithmetic: Arithmetic | None
    drawn_from: tuple[DrawnFrom, ...]
    provider_cost: str | None
    cost_currency: str | None
    reported_cost: str | None
    suspense: str | None
    quality: str
    requested_model: str | None
    provider_response_id: str | None
    api_flavor: str | None
    raw_usage: dict[str, Any] | None
    run_id: str | None
    used_by: str | None
    bill_to_rejected: str | None
    attribution: dict[str, str] | None
    attribution_rejected: dict[str, str] | None
    hold_id: str | None
    hold_state: str | None
    accounting_month: str | None
    late: bool
    mapped_from: str | None
    margin: Margin | None
    minimum_applied: bool
    threshold: int | None
    window: str | None
    tiers: tuple[TierUsed, ...]
    corrected: CorrectedFrom | None


def explain(event: Recorded, source: str, attempt_id: str) -> UsageLine | WaitingUsage | DiscardedUsage | None:
    """The attempt as this event has it; None if it is not there."""
    payload = event.payload
    if isinstance(payload, Booked):
        return _explain_booked(event, payload, source, attempt_id)
    if isinstance(payload, UsageQuarantined):
        return explain_waiting(event, payload, source, attempt_id)
    if isinstance(payload, QuarantinedDiscarded):
        return explain_discarded(event, payload)
    return None


def _explain_booked(event: Recorded, usage: Booked, source: str, attempt_id: str) -> UsageLine | None:
    for place, line in enumerate(usage.lines):
        detail = line.detail or PLAIN
        if line.attempt_id == attempt_id and (detail.source or event.envelope.source) == source:
            return _usage_line(event, usage, place, line, detail, source)
    return None


def _usage_line(
    event: Recorded, usage: Booked, place: int, line: ChargeLine, detail: LineDetail, source: str
) -> UsageLine:
    decision, basis = usage.decisions[line.decision], usage.prices[line.price]
    line_status, reason = LINE_STATUS[line.outcome]
    buckets = _buckets(line, detail)
    return UsageLine(
        state="booked",
        source=source,
        event_id=event_id(event),
        position=position(event),
        recorded_at=format_micros(event.envelope.recorded_at),
        account_id=usage.account_id,
        currency=usage.currency,
        buckets=buckets,
        line_status=line_status,
        reason=reason,
        charged=format_amount(line.charged),
        # Only a line that was rated has arithmetic: the price of an exempt or unpriced one was not applied, and what a
        # settlement stated was booked as given.
        arithmetic=arithmetic(buckets, basis, detail, usage.currency or "") if _is_rated(line, basis) else None,
        drawn_from=_drawn_from(usage, place),
        corrected=corrected_from(usage, place, event.shard),
        **asdict(consumed(line, detail, basis)),
        **asdict(reported(detail)),
        **asdict(decided(decision)),
        **asdict(used_by(decision)),
        **asdict(priced(basis, detail)),
        **asdict(costs(line, detail, basis)),
        **asdict(booked_under(detail)),
    )


def _buckets(line: ChargeLine, detail: LineDetail) -> dict[str, int]:
    counted = {"input": line.input, "cache_read": line.cache_read, "output": line.output}
    counted.update((other.bucket, other.quantity) for other in detail.other_buckets)
    return {bucket: quantity for bucket, quantity in counted.items() if quantity}


def _drawn_from(usage: Booked, place: int) -> tuple[DrawnFrom, ...]:
    if isinstance(usage, UsageCorrected):
        parts = usage.corrections[place].parts
    else:
        parts = parts_by_line([line.charged for line in usage.lines], usage.allocations)[place]
    return tuple(DrawnFrom(part.lot, format_amount(part.amount)) for part in parts)


def _is_rated(line: ChargeLine, basis: PriceBasis) -> bool:
    return line.outcome in ("charged", "price_zero", "rounds_to_zero") and not is_stated(basis)
