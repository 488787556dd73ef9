"""The parts of one charge's explanation that few charges have: how it was counted, for whom, what was corrected."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.events import LineDetail, PayerDecision
from usage_ledger.accounts.usage_details import DecisionDetail, UsageReport
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.money import format_amount

_NO_REPORT = UsageReport()
_NO_DETAIL = DecisionDetail()


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
