"""RerateUsage: what an account's usage would be charged by what is known of prices now, line by line (P10).

Nothing is booked twice: a line that was rated again is as it should be, so another run finds no difference in it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.accounts.current import current_account
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.corrections.booked_line import BookedLine, booked_lines
from usage_ledger.usage.corrections.commands import RerateUsage
from usage_ledger.usage.corrections.rating import CorrectedLine, counts_of, rate_again, reported_cost_of
from usage_ledger.usage.corrections.recording import record_corrections
from usage_ledger.usage.recording import FUTURE_MICROS

REASON: Final = "rerate"

MAX_LINES: Final = 10_000
"""Of one command: they are read while nobody else can append, so more are a matter of several periods."""

MAX_READ: Final = 100_000
"""Events and lines of other periods that are read on the way, as usage may be recorded long after it occurred."""


class Difference(msgspec.Struct, frozen=True, gc=False):
    """What a line charges, what it would charge, and the difference: decimal text in the account's currency."""

    attempt: str
    source: str
    old: str
    new: str
    delta: str


class RerateAnswer(msgspec.Struct, frozen=True):
    """``lines`` counts those that were rated again, ``diff`` are those of them whose charge differs."""

    account_id: str
    currency: str
    dry_run: bool
    lines: int
    total: str
    diff: list[Difference]


def rerate_usage(command: RerateUsage, decision: Decision) -> RerateAnswer:
    """Rate again, and book the differences unless it is a dry run.

    Raises ``Refusal``: ``account_not_found``, ``too_many_lines`` for a period of more than 10,000 or
    one that too much was recorded after, ``amount_out_of_range``. Raises ``InvalidInput('invalid_value')`` for a
    period that ends before it begins.
    """
    if command.end <= command.start:
        raise InvalidInput("invalid_value", "the period ends after it begins", "/to")
    account = current_account(decision, command.account_id)
    stream = account_stream(decision.tenant, command.account_id)
    booking = Booking(stream, account)
    lines = [line for line in _lines(command, decision, stream).values() if not line.is_void]
    rated = [_rate(decision, booking, line) for line in lines]
    changed = [each for each in rated if each.is_changed]
    if changed and not command.dry_run:
        record_corrections(decision, booking, changed, REASON)
    return RerateAnswer(
        account_id=account.account_id,
        currency=account.currency,
        dry_run=command.dry_run,
        lines=len(lines),
        total=format_amount(sum(each.delta for each in changed)),
        diff=[_difference(each) for each in changed if each.delta],
    )


def _lines(command: RerateUsage, decision: Decision, stream: str) -> dict[bytes, BookedLine]:
    """The period's lines as they are now. Usage is recorded after it occurred, but for what clocks differ."""
    latest: dict[bytes, BookedLine] = {}
    read = 0
    for holder in decision.history(stream, command.start - FUTURE_MICROS):
        for line in booked_lines(holder, decision.tenant):
            read += 1
            if command.start <= line.line.occurred_at < command.end:
                latest[line.key] = line
        read += 1
        if len(latest) > MAX_LINES:
            raise Refusal("too_many_lines", "name a shorter period", {"limit": str(MAX_LINES)})
        if read > MAX_READ:
            facts = {"limit": str(MAX_READ)}
            raise Refusal("too_many_lines", "too much was recorded since the period began", facts)
    return latest


def _rate(decision: Decision, booking: Booking, booked: BookedLine) -> CorrectedLine:
    return rate_again(decision, booking, booked, counts_of(booked.line), reported_cost_of(booked.line), "current")


def _difference(corrected: CorrectedLine) -> Difference:
    booked = corrected.booked
    return Difference(
        booked.line.attempt_id,
        booked.source,
        format_amount(booked.line.charged),
        format_amount(corrected.line.charged),
        format_amount(corrected.delta),
    )
