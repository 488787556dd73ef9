"""What happened about whom an account pays for. Amounts are nano-units of its currency, times microseconds UTC."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class BillToAuthorized(EventPayload, frozen=True):
    """Usage of ``beneficiary`` may be charged to the account; no ``cap`` and no ``expires_at`` mean without end."""

    account_id: str
    currency: str
    beneficiary: str
    cap: int | None
    expires_at: int | None


class BillToRevoked(EventPayload, frozen=True):
    """Usage of ``beneficiary`` that occurs from now on is not charged to the account any more."""

    account_id: str
    beneficiary: str
