"""What can be asked about fees."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.identifiers import Currency, Id

Fee = Literal["subscription", "storage", "other"]


class ChargeFee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Charge a fee once per account, fee and ``period``, such as 2026-03 (C15).

    ``capped`` takes what is available and no more; ``suspend_if_short`` suspends the account when that is less.
    """

    account_id: Id
    fee: Fee
    period: Id
    amount: str
    currency: Currency | None = None
    capped: bool = False
    suspend_if_short: bool = False
