"""What can be asked about an account's credit beside bringing it in. Money is text in the account's currency."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.accounts.credits.periods import PeriodName
from usage_ledger.identifiers import Currency, Id, Reason, Reference

RolloverText = Annotated[str, msgspec.Meta(pattern=r"\A(none|full|capped:.{1,64})\Z")]
"""``none``, ``full``, or ``capped:<amount>`` with decimal text."""


class ReportPaymentFailure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A processor says that a payment failed (C8)."""

    account_id: Id
    payment_ref: Reference
    reason: Reason | None = None


class GrantAllowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give what a plan includes for one of its periods (C10); ``rollover`` says what may outlive the period."""

    account_id: Id
    plan: Id
    period: PeriodName
    amount: str
    rollover: RolloverText
    currency: Currency | None = None
