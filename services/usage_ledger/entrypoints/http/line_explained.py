"""The parts of one charge's explanation that are about what was used: how, by what decision, for whom, corrected."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.events import ChargeLine, LineDetail, PayerDecision, PriceBasis
from usage_ledger.accounts.usage_details import DecisionDetail, UsageReport
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.money import format_amount

_NO_REPORT = UsageReport()
_NO_DETAIL = DecisionDetail()


class Consumed(msgspec.Struct, frozen=True):
    """What the attempt was."""

    attempt_id: str
    occurred_at: str
    model: str
    provider: str | None
    runtime: str | None
    operation: str
    status: str
    request_id: str | None
    operation_id: str | None
    fallback_from: str | None
    tags: dict[str, str]


class Decided(msgspec.Struct, frozen=True):
    """Under which mode of its workspace it was charged, and why to this payer."""

    workspace_id: str
    capability: str
    credential: str
    mode: str
    mode_source: str
    policy_version: str
    registry_version: str | None
    route_mismatch: bool
    payer: str | None
    payer_reason: str


class BookedUnder(msgspec.Struct, frozen=True):
    """The hold that it settled, and the month that it was posted to if its own was closed (U6, H5)."""

    hold_id: str | None
    hold_state: str | None
    accounting_month: str | None
    late: bool


class CorrectedFrom(msgspec.Struct, frozen=True):
    """Why the line is not what it was, what that charged more (below zero: less), and the event that said it before."""

    reason: str
    delta: str
    void: bool
    position: str


class Reported(msgspec.Struct, frozen=True):
    """How the counts came to be known (U7, U13)."""

    quality: str
    requested_model: str | None
    provider_response_id: str | None
    api_flavor: str | None
    raw_usage: dict[str, Any] | None


class UsedBy(msgspec.Struct, frozen=True):
    """For whom it was used, and what was said of that and not accepted (U14, U15)."""

    run_id: str | None
    used_by: str | None
    bill_to_rejected: str | None
    attribution: dict[str, str] | None
    attribution_rejected: dict[str, str] | None


def consumed(line: ChargeLine, detail: LineDetail, basis: PriceBasis) -> Consumed:
    return Consumed(
        attempt_id=line.attempt_id,
        occurred_at=format_micros(line.occurred_at),
        model=basis.model,
        provider=basis.provider,
        runtime=detail.runtime,
        operation=detail.operation,
        status=detail.status,
        request_id=detail.request_id,
        operation_id=detail.operation_id,
        fallback_from=detail.fallback_from,
        tags={tag.name: tag.value for tag in detail.tags},
    )


def decided(decision: PayerDecision) -> Decided:
    return Decided(
        workspace_id=decision.workspace_id,
        capability=decision.capability,
        credential=decision.credential,
        mode=decision.mode,
        mode_source=decision.mode_source,
        policy_version=decision.policy,
        registry_version=decision.registry_version,
        route_mismatch=decision.route_mismatch,
        payer=decision.payer,
        payer_reason=decision.payer_reason,
    )


def booked_under(detail: LineDetail) -> BookedUnder:
    hold = detail.hold
    return BookedUnder(
        hold_id=hold.hold_id if hold else None,
        hold_state=hold.hold_state if hold else None,
        accounting_month=detail.accounting_month,
        late=detail.accounting_month is not None,
    )


def reported(detail: LineDetail) -> Reported:
    report = detail.report or _NO_REPORT
    raw = None if report.raw_usage is None else msgspec.json.decode(report.raw_usage)
    return Reported(report.quality, report.requested_model, report.provider_response_id, report.api_flavor, raw)


def used_by(decision: PayerDecision) -> UsedBy:
    found = decision.detail or _NO_DETAIL
    return UsedBy(
        run_id=found.run_id,
        used_by=found.used_by,
        bill_to_rejected=found.bill_to_rejected,
        attribution=_named(found.attribution),
        attribution_rejected=_named(found.attribution_rejected),
    )


def corrected_from(usage: object, place: int, shard: int) -> CorrectedFrom | None:
    """None for a line that was never corrected."""
    if not isinstance(usage, UsageCorrected):
        return None
    correction = usage.corrections[place]
    before = str(Position(shard, correction.position))
    return CorrectedFrom(usage.reason, format_amount(correction.delta), correction.void, before)


def _named(attribution: msgspec.Struct | None) -> dict[str, str] | None:
    """Only what was said."""
    if attribution is None:
        return None
    said: dict[str, str | None] = msgspec.structs.asdict(attribution)
    return {name: value for name, value in said.items() if value is not None}
