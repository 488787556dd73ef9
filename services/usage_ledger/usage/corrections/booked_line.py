"""Lines that were booked, as they are now: read back from the event that holds them (U16)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.drawn_parts import parts_by_line
from usage_ledger.accounts.events import ChargeLine, PayerDecision, SuspendedUsageRated, UsageRecorded
from usage_ledger.deciding import Holder
from usage_ledger.pricing.events import PriceBasis
from usage_ledger.usage.attempt_digests import attempt_key

Booked = UsageRecorded | SuspendedUsageRated | UsageCorrected
"""The events that hold lines; of several the latest says what a line is."""

_BOOKED: Final = (UsageRecorded, SuspendedUsageRated, UsageCorrected)


class BookedLine(NamedTuple):
    """A line, with what its event says of its payer, its price, the credit that it draws, and what was known then.

    ``recorded_at`` is that of the event, microseconds UTC.
    """

    key: bytes
    position: int
    recorded_at: int
    source: str
    account_id: str | None
    line: ChargeLine
    payer_decision: PayerDecision
    basis: PriceBasis
    parts: tuple[LotAmount, ...]
    known_at: int | None
    is_void: bool

    @property
    def suspense(self) -> int:
        return (self.line.detail.suspense if self.line.detail else None) or 0


def booked_lines(holder: Holder, tenant: str) -> Iterator[BookedLine]:
    """The lines of the event; none if it books no usage."""
    usage = holder.payload
    if not isinstance(usage, _BOOKED):
        return
    corrections = usage.corrections if isinstance(usage, UsageCorrected) else None
    parts = _parts(usage)
    for place, line in enumerate(usage.lines):
        source = (line.detail and line.detail.source) or holder.envelope.source
        yield BookedLine(
            key=attempt_key(tenant, source, line.attempt_id),
            position=holder.position,
            recorded_at=holder.envelope.recorded_at,
            source=source,
            account_id=usage.account_id,
            line=line,
            payer_decision=usage.decisions[line.decision],
            basis=usage.prices[line.price],
            parts=parts[place],
            known_at=corrections[place].known_at if corrections else holder.envelope.facts_position,
            is_void=corrections is not None and corrections[place].void,
        )


def _parts(usage: Booked) -> list[tuple[LotAmount, ...]]:
    if isinstance(usage, UsageCorrected):
        return [correction.parts for correction in usage.corrections]
    return parts_by_line([line.charged for line in usage.lines], usage.allocations)
