"""What can be asked about money that goes back to the payer. Money comes as decimal text."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.identifiers import Currency, Id, Reason, Reference

DisputeOutcome = Literal["won", "lost"]


class RefundPurchase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pay a purchase back, in part or in full (C11). ``amount`` is this refund's own, not the sum of all."""

    account_id: Id
    payment_ref: Reference
    refund_id: Reference
    amount: str
    reason: Reason
    currency: Currency | None = None


class OpenDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payer's bank took a payment back (C13). ``amount`` absent means all of it that has not gone back yet."""

    account_id: Id
    dispute_id: Id
    payment_ref: Reference
    amount: str | None = None
    currency: Currency | None = None


class CloseDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bank decided: ``won`` means that the payment is ours after all (C13)."""

    dispute_id: Id
    outcome: DisputeOutcome
