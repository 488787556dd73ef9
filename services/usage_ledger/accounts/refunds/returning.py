"""How much of a purchase may still go back to its payer, by refund or by dispute (C11, C13)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.refunds.purchases import Purchase
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal


def purchase_of(account: Account, payment_ref: str) -> Purchase:
    """Raises ``Refusal('purchase_not_found')``."""
    purchase = account.credit_record.purchases.get(payment_ref)
    if purchase is None:
        raise Refusal("purchase_not_found", "the account has no purchase of this payment", {"payment_ref": payment_ref})
    return purchase


def require_refundable(purchase: Purchase, amount: int) -> None:
    """Refuse to pay back more than came in; ``amount`` in nano-units.

    Raises ``Refusal('refund_exceeds_purchase')`` with what was bought, went back and may still go back.
    """
    if 0 < amount <= purchase.refundable:
        return
    seen = {
        "purchased": format_amount(purchase.amount),
        "refunded": format_amount(purchase.refunded),
        "disputed": format_amount(purchase.disputed),
        "refundable": format_amount(purchase.refundable),
    }
    raise Refusal("refund_exceeds_purchase", "more would go back than the purchase brought", seen)
