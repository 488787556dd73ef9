"""A purchase is paid back: of its own lot first, then of the others, then on credit (C11)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.chart_of_accounts import CASH
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.taking import take
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.moved_answer import MovedAnswer, standing_after
from usage_ledger.accounts.refunds.commands import RefundPurchase
from usage_ledger.accounts.refunds.events import PurchaseRefunded
from usage_ledger.accounts.refunds.purchases import Purchase
from usage_ledger.accounts.refunds.returning import purchase_of, require_refundable
from usage_ledger.accounts.required_reason import required_reason
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import format_amount


class RefundAnswer(MovedAnswer, frozen=True, kw_only=True):
    """What went back, what of it went beyond the lots, and what of the purchase may still go back."""

    payment_ref: str
    refund_id: str
    amount: str
    overdraft: str
    refundable: str


def refund_purchase(command: RefundPurchase, decision: Decision) -> RefundAnswer | Repeated:
    """Pay a purchase back, once per refund id, whatever the overdraft limit (C11).

    Raises ``Refusal``: ``missing_reason``, ``account_not_found``, ``currency_mismatch``, ``amount_not_positive``,
    ``refund_conflict`` (the id was used for another refund), ``purchase_not_found``, ``refund_exceeds_purchase``,
    ``event_too_large``, ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    reason = required_reason(command.reason)
    account = current_account(decision, command.account_id)
    amount = positive_amount(account, command.amount, command.currency)
    first = decision.claim("refund", command.refund_id, f"{command.account_id} {amount} {command.payment_ref}")
    if first is not None:
        return Repeated(first)
    purchase = purchase_of(account, command.payment_ref)
    require_refundable(purchase, amount)
    refunded = _refunded(command, account, amount, purchase, reason)
    record_on_account(decision, account, refunded)
    return _answer(refunded, purchase)


def _refunded(
    command: RefundPurchase, account: Account, amount: int, purchase: Purchase, reason: str
) -> PurchaseRefunded:
    taken = take(account, amount, first=purchase.lot)
    return PurchaseRefunded(
        account_id=account.account_id,
        currency=account.currency,
        payment_ref=command.payment_ref,
        refund_id=command.refund_id,
        amount=amount,
        overdraft=taken.shortfall,
        reason=reason,
        allocations=taken.parts,
        entries=(account.entry("refund", (*taken.lines, JournalLine(CASH, "credit", amount))),),
        balance_after=taken.balance_after,
        held_after=account.held,
    )


def _answer(refunded: PurchaseRefunded, purchase: Purchase) -> RefundAnswer:
    return RefundAnswer(
        **standing_after(refunded),
        payment_ref=refunded.payment_ref,
        refund_id=refunded.refund_id,
        amount=format_amount(refunded.amount),
        overdraft=format_amount(refunded.overdraft),
        refundable=format_amount(purchase.refundable),
    )
