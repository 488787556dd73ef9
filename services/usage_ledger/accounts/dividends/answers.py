"""What commands about dividends answer: amounts as decimal text in the dividend's currency (M3)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.dividends.events import DividendDeclared
from usage_ledger.money import format_amount


class DividendAnswer(msgspec.Struct, frozen=True):
    """A dividend as it was declared; ``share`` is each recipient's."""

    dividend_id: str
    currency: str
    pool: str
    recipients: int
    share: str
    remainder: str


class PaymentAnswer(msgspec.Struct, frozen=True):
    """What one run paid, and to how many; ``completed`` once nobody is left."""

    dividend_id: str
    currency: str
    paid: str
    recipients_paid: int
    recipients_left: int
    completed: bool


def dividend_answer(declared: DividendDeclared) -> DividendAnswer:
    return DividendAnswer(
        dividend_id=declared.dividend_id,
        currency=declared.currency,
        pool=format_amount(declared.pool),
        recipients=len(declared.recipients),
        share=format_amount(declared.share),
        remainder=format_amount(declared.remainder),
    )


def payment_answer(declared: DividendDeclared, paid: int, left: int) -> PaymentAnswer:
    """``paid`` recipients in this run; ``left`` are still to be paid."""
    return PaymentAnswer(
        dividend_id=declared.dividend_id,
        currency=declared.currency,
        paid=format_amount(paid * declared.share),
        recipients_paid=paid,
        recipients_left=left,
        completed=not left,
    )
