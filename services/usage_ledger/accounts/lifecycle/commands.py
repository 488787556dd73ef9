"""What can be asked about an account's standing. Limits come as decimal text in the account's currency."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Id, Reason


class SuspendAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Admit nothing until this reason is gone (A3)."""

    account_id: Id
    reason: Reason


class ResumeAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This reason is gone; the account opens again when it was the last (A3)."""

    account_id: Id
    reason: Reason


class CloseAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Close it for good (A4)."""

    account_id: Id
    reason: Reason


class SetOverdraftLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far admitted calls may take a prepaid account below zero (H2)."""

    account_id: Id
    limit: str
    reason: Reason | None = None


class SetCreditLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much an invoiced account may owe, unbilled; None is without limit (A2)."""

    account_id: Id
    limit: str | None
    reason: Reason | None = None
