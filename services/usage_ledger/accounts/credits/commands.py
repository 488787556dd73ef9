"""What can be asked about an account's credit beside bringing it in. Money is text in the account's currency."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Id, Reason, Reference


class ReportPaymentFailure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A processor says that a payment failed (C8)."""

    account_id: Id
    payment_ref: Reference
    reason: Reason | None = None
