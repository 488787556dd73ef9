"""What commands about credit answer: amounts as decimal text in the account's currency (M3)."""

from __future__ import annotations

import msgspec


class PaymentFailureAnswer(msgspec.Struct, frozen=True):
    """``ignored``: the payment had succeeded before, and nothing changed."""

    account_id: str
    payment_ref: str
    ignored: bool
