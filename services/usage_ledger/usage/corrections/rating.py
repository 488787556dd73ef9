"""What a booked line comes to with other quantities or by other knowledge: rated like any line, as of its own time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from usage_ledger.accounts.events import ChargeLine, LineDetail, Quantity, ReportedCost
from usage_ledger.accounts.period_quantities import quantity_in
from usage_ledger.deciding import Decision
from usage_ledger.money import half_even_to_nano
from usage_ledger.pricing.choice import for_fee, is_for_fee, is_stated
from usage_ledger.pricing.events import PriceBasis
from usage_ledger.timeline import BEGINNING, END
from usage_ledger.usage.attempt import Attempt, Exemption, RouteKey
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.corrections.booked_line import BookedLine
from usage_ledger.usage.corrections.commands import Knowledge
from usage_ledger.usage.counts import Counts
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.line_amounts import LineAmounts, line_amounts
from usage_ledger.usage.line_detail import PLAIN, line_bytes
from usage_ledger.usage.route import Route

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: Final = LineAmounts("no_usage", 0, None, None)


class CorrectedLine(NamedTuple):
    """A booked line and what it is now. ``known_at`` is the position of the facts by which it was rated."""

    booked: BookedLine
    line: ChargeLine
    basis: PriceBasis
    known_at: int | None
    is_void: bool = False

    @property
    def delta(self) -> int:
        """Nano-units that are charged more, or below zero less."""
        return self.line.charged - self.booked.line.charged

    @property
    def suspense_delta(self) -> int:
        return ((self.line.detail.suspense if self.line.detail else None) or 0) - self.booked.suspense

    @property
    def is_changed(self) -> bool:
        """Also of a line that charges the same, but is counted in its month only now, or no more (P5)."""
        if self.delta or self.suspense_delta or self.line.outcome != self.booked.line.outcome:
            return True
        return _quantities_before(self.line).keys() != _quantities_before(self.booked.line).keys()


def rate_again(
    decision: Decision,
    booking: Booking,
    booked: BookedLine,
    counts: Counts,
    cost: ReportedCost | None,
    knowledge: Knowledge,
) -> CorrectedLine:
    """The line with these counts and this reported cost, by the prices of its own occurred_at (U16).

    An amount that a settlement stated stays as it is: no price list knows it (H5).
    Raises ``Refusal('amount_out_of_range')`` where an amount passes 64 bits.
    """
    line = booked.line
    if is_stated(booked.basis):
        return _with_amounts(booked, counts, cost, _stated(line, cost), booked.basis, booked.known_at)
    facts = decision.facts
    known_at = booked.known_at if knowledge == "original" else facts.position
    payer = None if booking.account is None else (decision.tenant, booking.account.account_id)
    model, provider = _answered_model(booked.basis), booked.basis.provider
    choice = facts.prices.choose(model, provider, booking.currency, payer, line.occurred_at, known_at)
    if is_for_fee(booked.basis):
        choice = for_fee(choice)
    attempt = _attempt(booked, counts, cost)
    route = Route(BEGINNING, END, booking, booked.payer_decision, choice)
    recorded_before = _quantities_before(line)
    corrected = _with_amounts(
        booked, counts, cost, line_amounts(attempt, route, recorded_before), choice.basis, known_at
    )
    _count_ahead(booking, corrected, recorded_before)
    return corrected


def voided(booked: BookedLine) -> CorrectedLine:
    """The line as if nothing had been consumed."""
    line = booked.line
    detail = _detail(booked, Counts(0, 0, 0, ()), None, _NOTHING)
    nothing = replace(
        line, outcome="no_usage", input=0, cache_read=0, output=0, charged=0, provider_cost=None, detail=detail
    )
    return CorrectedLine(booked, nothing, booked.basis, booked.known_at, is_void=True)


def counts_of(line: ChargeLine) -> Counts:
    others = line.detail.other_buckets if line.detail else ()
    return Counts(line.input, line.cache_read, line.output, tuple((other.bucket, other.quantity) for other in others))


def reported_cost_of(line: ChargeLine) -> ReportedCost | None:
    return line.detail.reported_cost if line.detail else None


def _with_amounts(
    booked: BookedLine,
    counts: Counts,
    cost: ReportedCost | None,
    amounts: LineAmounts,
    basis: PriceBasis,
    known_at: int | None,
) -> CorrectedLine:
    rated = replace(
        booked.line,
        outcome=amounts.outcome,
        input=counts.input,
        cache_read=counts.cache_read,
        output=counts.output,
        charged=amounts.charged,
        provider_cost=amounts.provider_cost,
        detail=_detail(booked, counts, cost, amounts),
    )
    return CorrectedLine(booked, rated, basis, known_at)


def _stated(line: ChargeLine, cost: ReportedCost | None) -> LineAmounts:
    return LineAmounts(line.outcome, line.charged, half_even_to_nano(cost.femto) if cost else None, None)


def _quantities_before(line: ChargeLine) -> dict[str, int]:
    """What there was in the line's month when it was recorded: a correction does not move its place (P5)."""
    rating = line.detail.rating if line.detail else None
    tiers = rating.tiers if rating else ()
    return {tier.bucket: tier.quantity_before for tier in tiers if tier.quantity_before is not None}


def _count_ahead(booking: Booking, corrected: CorrectedLine, recorded_before: Mapping[str, int]) -> None:
    """Buckets that a price counts by period only now have the lines after this one find it counted (P5)."""
    line = corrected.line
    rating = line.detail.rating if line.detail else None
    for tier in rating.tiers if rating else ():
        if booking.periods and tier.quantity_before is not None and tier.bucket not in recorded_before:
            quantity = quantity_in(line, tier.bucket)
            booking.periods.add(corrected.basis.model, tier.bucket, quantity, line.occurred_at)


def _answered_model(basis: PriceBasis) -> str:
    """The model that answered, which an alias may have led to another one's price (P4)."""
    return (basis.detail and basis.detail.mapped_from) or basis.model


def _detail(booked: BookedLine, counts: Counts, cost: ReportedCost | None, amounts: LineAmounts) -> LineDetail:
    return replace(
        booked.line.detail or PLAIN,
        source=booked.source,
        other_buckets=tuple(Quantity(bucket, quantity) for bucket, quantity in counts.others),
        reported_cost=cost,
        suspense=amounts.suspense,
        rating=amounts.rating,
    )


def _attempt(booked: BookedLine, counts: Counts, cost: ReportedCost | None) -> Attempt:
    """The attempt as it would be sent now; its key and content stay those that were taken."""
    line, decided = booked.line, booked.payer_decision
    detail = line.detail or PLAIN
    occurred_at = _EPOCH + timedelta(microseconds=line.occurred_at)
    model = _answered_model(booked.basis)
    return Attempt(
        attempt_id=line.attempt_id,
        source=booked.source,
        workspace_id=decided.workspace_id,
        occurred_at=line.occurred_at,
        route_key=_route_key(booked, model),
        input=counts.input,
        cache_read=counts.cache_read,
        output=counts.output,
        others=counts.others,
        reported_cost=cost,
        exemption=_exemption(detail),
        detail=detail,
        line_bytes=line_bytes(line.attempt_id, detail),
        key=booked.key,
        content=b"",
        response=None,
        problem=None,
        item=UsageItem(line.attempt_id, decided.workspace_id, occurred_at, model, {}),
    )


def _route_key(booked: BookedLine, model: str) -> RouteKey:
    decided = booked.payer_decision
    credential = None if decided.credential == "UNKNOWN" else decided.credential
    is_fallback = booked.line.detail is not None and booked.line.detail.fallback_from is not None
    named = decided.detail
    return (
        decided.workspace_id,
        model,
        booked.basis.provider,
        credential,
        decided.capability,
        is_fallback,
        named.run_id if named else None,
        named.attribution if named else None,
        None,
    )


def _exemption(detail: LineDetail) -> Exemption | None:
    if detail.operation != "generate":
        return "not_billable"
    return "failed" if detail.status == "failed" else None
