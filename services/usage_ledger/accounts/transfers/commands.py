"""What can be asked about credit that moves between accounts. Money comes as decimal text."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Currency, Id


class TransferCredits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Move paid credit to another account of the tenant (C14). ``account_id`` is who gives; it is sent as ``from``."""

    transfer_id: Id
    to: Id
    amount: str
    account_id: Id = msgspec.field(name="from")
    currency: Currency | None = None
