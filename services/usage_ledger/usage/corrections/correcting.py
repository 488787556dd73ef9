"""CorrectUsage: a booked attempt consumed something else, or nothing at all; the difference is booked (U16)."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import ChargeLine, ReportedCost
from usage_ledger.accounts.usage_details import UsageReport
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream, metered_stream
from usage_ledger.usage.answer import LINE_STATUS, LineStatus
from usage_ledger.usage.attempt_digests import attempt_key
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.corrections.booked_line import BookedLine, booked_lines
from usage_ledger.usage.corrections.commands import CorrectUsage
from usage_ledger.usage.corrections.rating import CorrectedLine, counts_of, rate_again, reported_cost_of, voided
from usage_ledger.usage.corrections.recording import record_corrections
from usage_ledger.usage.counts import Counts, read_counts
from usage_ledger.usage.item import MAX_RAW_DEPTH, is_deep
from usage_ledger.usage.line_detail import PLAIN
from usage_ledger.usage.raw_usage import raw_usage_text, read_raw_usage
from usage_ledger.usage.reported_cost import read_reported_cost

_Content = tuple[Counts | None, ReportedCost | None]


class CorrectionAnswer(msgspec.Struct, frozen=True):
    """What the attempt charges now, and what it charges more, or below zero less. Decimal text in ``currency``."""

    item: str
    source: str
    account_id: str | None
    currency: str | None
    delta: str
    charged: str
    provider_cost: str | None
    line_status: LineStatus
    reason: str | None
    void: bool


def correct_usage(command: CorrectUsage, decision: Decision) -> CorrectionAnswer:
    """Book the difference between what the line is and what it should be, as one compensating entry.

    Raises ``Refusal``: ``missing_reason``, ``attempt_not_found`` (also for what waits in quarantine), ``already_void``,
    ``amount_out_of_range``. Raises ``InvalidInput``: ``missing_field`` without anything to correct, ``invalid_value``
    for two ways at once, and the codes of ``read_counts``, ``read_raw_usage`` and ``read_reported_cost``.
    """
    content = _corrected_content(command)
    reason = command.reason.strip()
    if not reason:
        raise Refusal("missing_reason", "a correction needs a reason")
    booked = _booked(command, decision)
    if booked.is_void:
        raise Refusal("already_void", "the attempt was voided before")
    booking = booking_of(decision, booked)
    corrected = voided(booked) if command.void else _rate(command, content, decision, booking, booked)
    record_corrections(decision, booking, [corrected], reason)
    return _answer(corrected, booking)


def booking_of(decision: Decision, booked: BookedLine) -> Booking:
    """The stream that holds the line, and the account that pays for it as it is now."""
    if booked.account_id is None:
        return Booking(metered_stream(decision.tenant, booked.payer_decision.workspace_id), None)
    account = current_account(decision, booked.account_id)
    return Booking(account_stream(decision.tenant, booked.account_id), account)


def _booked(command: CorrectUsage, decision: Decision) -> BookedLine:
    key = attempt_key(decision.tenant, command.source, command.item)
    holder = decision.holders([key]).get(key)
    lines = booked_lines(holder, decision.tenant) if holder else ()
    found = next((line for line in lines if line.key == key), None)
    if found is None:
        raise Refusal("attempt_not_found", "nothing of this id and source was booked")
    return found


def _rate(
    command: CorrectUsage, content: _Content, decision: Decision, booking: Booking, booked: BookedLine
) -> CorrectedLine:
    counts, cost = content
    line = booked.line
    known = booked._replace(line=_with_report(line, command)) if counts else booked
    return rate_again(
        decision, booking, known, counts or counts_of(line), cost or reported_cost_of(line), command.knowledge
    )._replace(booked=booked)


def _with_report(line: ChargeLine, command: CorrectUsage) -> ChargeLine:
    """Counts that are corrected are no estimate any more, and were split from what the provider says now (U7, U13)."""
    detail = line.detail or PLAIN
    report = detail.report or UsageReport()
    raw = None if command.raw_usage is None else raw_usage_text(command.raw_usage)
    report = replace(report, quality="reported", api_flavor=command.api_flavor, raw_usage=raw)
    return replace(line, detail=replace(detail, report=None if report == UsageReport() else report))


def _corrected_content(command: CorrectUsage) -> _Content:
    """The new counts and the new reported cost; None is what stays as it was."""
    counted = command.usage is not None or command.raw_usage is not None
    if command.void == (counted or command.reported_cost is not None):
        code = "invalid_value" if command.void else "missing_field"
        raise InvalidInput(code, "say what was consumed, or that nothing was: usage, raw_usage, reported_cost or void")
    counts = _counts(command)
    if isinstance(counts, str):
        raise InvalidInput(counts, "the counts cannot be understood", "/usage" if command.usage else "/raw_usage")
    cost = None if command.reported_cost is None else read_reported_cost(command.reported_cost)
    if isinstance(cost, str):
        raise InvalidInput(cost, "the reported cost cannot be understood", "/reported_cost/amount")
    return counts, cost


def _counts(command: CorrectUsage) -> Counts | str | None:
    if (command.raw_usage is None) != (command.api_flavor is None):
        missing = "raw_usage" if command.raw_usage is None else "api_flavor"
        raise InvalidInput("missing_field", "raw usage and its flavour come together", f"/{missing}")
    if command.raw_usage is not None and command.api_flavor is not None:
        if command.usage is not None:
            raise InvalidInput("invalid_value", "counts come as usage or as raw_usage, not as both", "/usage")
        if is_deep(command.raw_usage):
            raise InvalidInput("invalid_value", f"raw usage is nested at most {MAX_RAW_DEPTH} deep", "/raw_usage")
        return read_raw_usage(command.raw_usage, command.api_flavor)
    return None if command.usage is None else read_counts(command.usage)


def _answer(corrected: CorrectedLine, booking: Booking) -> CorrectionAnswer:
    line = corrected.line
    line_status, reason = LINE_STATUS[line.outcome]
    return CorrectionAnswer(
        item=line.attempt_id,
        source=corrected.booked.source,
        account_id=corrected.booked.account_id,
        currency=booking.currency,
        delta=format_amount(corrected.delta),
        charged=format_amount(line.charged),
        provider_cost=None if line.provider_cost is None else format_amount(line.provider_cost),
        line_status=line_status,
        reason=reason,
        void=corrected.is_void,
    )
