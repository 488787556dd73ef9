"""Credit that is paid for: once per payment, whatever channel reports it, and it never regresses (C8)."""

from __future__ import annotations

from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.answers import CreditAnswer, credit_answer
from usage_ledger.accounts.burn_down import DEFAULT_PRIORITY
from usage_ledger.accounts.chart_of_accounts import CASH
from usage_ledger.accounts.commands import RecordPurchase
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.answers import PaymentFailureAnswer
from usage_ledger.accounts.credits.commands import ReportPaymentFailure
from usage_ledger.accounts.credits.events import PaymentFailureReported
from usage_ledger.accounts.credits.incoming import require_creditable, require_usable
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import PurchaseRecorded
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import minor_unit_nano
from usage_ledger.refusals import Refusal


def record_purchase(command: RecordPurchase, decision: Decision) -> CreditAnswer | Repeated:
    """Take credit that was paid for, once per payment (C5, C8).

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``credits_not_applicable``, ``currency_mismatch``,
    ``amount_not_positive``, ``amount_not_chargeable`` (not whole minor units, M8), ``payment_conflict``,
    ``expires_in_past``, ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    amount = positive_amount(account, command.amount, command.currency)
    if amount % minor_unit_nano(account.currency):
        raise Refusal("amount_not_chargeable", "a payment is a whole number of the currency's minor units")
    first = decision.claim("payment", command.payment_ref, f"{command.account_id} {amount}")
    if first is not None:
        return Repeated(first)
    require_creditable(account)
    require_usable(decision.recorded_at, command.expires_at)
    credit = account.incoming(amount)
    recorded = PurchaseRecorded(
        account_id=account.account_id,
        currency=account.currency,
        amount=amount,
        payment_ref=command.payment_ref,
        debt_settled=credit.debt_settled,
        lot=credit.lot,
        lot_amount=credit.lot_amount,
        priority=DEFAULT_PRIORITY if command.priority is None else command.priority,
        expires_at=command.expires_at,
        entries=(account.entry("purchase", (JournalLine(CASH, "debit", amount), *credit.credit_lines)),),
        balance_after=account.balance + amount,
        held_after=account.held,
    )
    record_on_account(decision, account, recorded)
    return credit_answer(recorded)


def report_payment_failure(command: ReportPaymentFailure, decision: Decision) -> PaymentFailureAnswer | Repeated:
    """Note that a payment failed; one that had succeeded stays as it is (C8). Any state of the account takes it.

    Raises ``Refusal('account_not_found')``, ``payment_failure_conflict`` (reported for another account).
    """
    account = current_account(decision, command.account_id)
    first = decision.claim("payment_failure", command.payment_ref, command.account_id)
    if first is not None:
        return Repeated(first)
    is_known = command.payment_ref in account.credit_record.purchases
    reported = PaymentFailureReported(account.account_id, command.payment_ref, is_known, command.reason)
    record_on_account(decision, account, reported)
    return PaymentFailureAnswer(reported.account_id, reported.payment_ref, reported.ignored)
