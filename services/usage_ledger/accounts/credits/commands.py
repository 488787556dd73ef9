"""What can be asked about an account's credit beside bringing it in. Money is text in the account's currency."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.identifiers import Currency, Id, Reason, Reference

ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class ReportPaymentFailure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A processor says that a payment failed (C8)."""

    account_id: Id
    payment_ref: Reference
    reason: Reason | None = None


class GrantAllowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give what a plan includes for one of its periods (C10): a calendar month, ``2026-03``, or one from a day on.

    ``rollover`` says what may outlive the period: ``none``, ``full``, or ``capped:<amount>`` with decimal text.
    """

    account_id: Id
    plan: Id
    period: ShortText
    amount: str
    rollover: ShortText
    currency: Currency | None = None
