"""What can be asked about balances that are set right by hand. Money comes as decimal text."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Currency, Id, Reason, Reference


class AdjustBalance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give credit, or take it with an ``amount`` below zero (C17). ``reverses`` names what it undoes, if anything."""

    account_id: Id
    amount: str
    reason: Reason
    approver: Id
    reverses: Reference | None = None
    currency: Currency | None = None


class WriteOffOverdraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give up debt that will not be paid (C17)."""

    account_id: Id
    amount: str
    reason: Reason
    approver: Id
    currency: Currency | None = None
