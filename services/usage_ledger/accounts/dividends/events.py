"""What happened to a dividend. Amounts are nano-units of its currency."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class DividendDeclared(EventPayload, frozen=True):
    """A pool is shared equally by ``recipients``; ``remainder`` is what cannot be, and stays with the payer (M5)."""

    dividend_id: str
    currency: str
    pool: int
    recipients: tuple[str, ...]
    share: int
    remainder: int


class DividendCompleted(EventPayload, frozen=True):
    """Every recipient who could be paid was; ``remainder`` of the pool stays with the payer.

    ``unpaid`` are recipients whose accounts had been closed.
    """

    dividend_id: str
    currency: str
    paid: int
    remainder: int
    unpaid: tuple[str, ...]
