"""A payer's bank takes a payment back, and later decides for good (C13)."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.chart_of_accounts import CASH, PAYMENT_CLEARING
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.reversal import reverse
from usage_ledger.accounts.credits.taking import take
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.lifecycle.suspending import resumed, suspended
from usage_ledger.accounts.moved_answer import MovedAnswer, standing_after
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute
from usage_ledger.accounts.refunds.events import DisputeLost, DisputeOpened, DisputeWon
from usage_ledger.accounts.refunds.purchases import PendingDispute
from usage_ledger.accounts.refunds.returning import purchase_of, require_refundable
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal

DISPUTE: Final = "dispute"
"""Why an account is suspended one of whose payments is disputed; and the kind of a dispute's business key."""


class DisputeAnswer(MovedAnswer, frozen=True, kw_only=True):
    """What the dispute took, and what of it went beyond the lots."""

    dispute_id: str
    payment_ref: str
    amount: str
    overdraft: str


class ClosedDisputeAnswer(MovedAnswer, frozen=True, kw_only=True):
    """How the bank decided about which amount."""

    dispute_id: str
    payment_ref: str
    amount: str
    decided: str


def open_dispute(command: OpenDispute, decision: Decision) -> DisputeAnswer | Repeated:
    """Take a payment back into clearing, once per dispute id, and suspend the account unless it is closed (C13).

    Raises ``Refusal``: ``account_not_found``, ``purchase_not_found``, ``currency_mismatch``, ``amount_not_positive``,
    ``dispute_conflict`` (the id was used for another dispute), ``refund_exceeds_purchase``, ``event_too_large``,
    ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    purchase = purchase_of(account, command.payment_ref)
    stated = None if command.amount is None else positive_amount(account, command.amount, command.currency)
    first = decision.claim(DISPUTE, command.dispute_id, f"{command.account_id} {stated} {command.payment_ref}")
    if first is not None:
        return Repeated(first)
    amount = purchase.refundable if stated is None else stated
    require_refundable(purchase, amount)
    opened = _opened(command, account, amount, purchase.lot)
    record_on_account(decision, account, opened, last=() if account.closed else suspended(account, DISPUTE))
    return DisputeAnswer(
        **standing_after(opened),
        dispute_id=opened.dispute_id,
        payment_ref=opened.payment_ref,
        amount=format_amount(opened.amount),
        overdraft=format_amount(opened.overdraft),
    )


def close_dispute(command: CloseDispute, decision: Decision) -> ClosedDisputeAnswer | Repeated:
    """Book what the bank decided, once per dispute id and outcome (C13).

    Raises ``Refusal``: ``dispute_not_found``, ``already_decided`` (the other way), ``amount_out_of_range``.
    """
    opening = decision.claimed(DISPUTE, [command.dispute_id]).get(command.dispute_id)
    if opening is None:
        raise Refusal("dispute_not_found", "no dispute of this id was opened")
    account = current_account(decision, opening.partition(" ")[0])
    first = decision.claim("dispute_outcome", f"{command.dispute_id}/{command.outcome}", "")
    if first is not None:
        return Repeated(first)
    dispute = account.credit_record.disputes.get(command.dispute_id)
    if dispute is None:
        raise Refusal("already_decided", "the dispute was decided the other way")
    closed = _won(command, account, dispute) if command.outcome == "won" else _lost(command, account, dispute)
    is_last = len(account.credit_record.disputes) == 1
    resumes = command.outcome == "won" and is_last
    record_on_account(decision, account, closed, last=resumed(account, DISPUTE) if resumes else ())
    return _closed_answer(command, closed)


def _opened(command: OpenDispute, account: Account, amount: int, lot: str | None) -> DisputeOpened:
    taken = take(account, amount, first=lot)
    entry = account.entry("dispute_opened", (*taken.lines, JournalLine(PAYMENT_CLEARING, "credit", amount)))
    return DisputeOpened(
        account_id=account.account_id,
        currency=account.currency,
        dispute_id=command.dispute_id,
        payment_ref=command.payment_ref,
        amount=amount,
        overdraft=taken.shortfall,
        allocations=taken.parts,
        entries=(entry,),
        balance_after=taken.balance_after,
        held_after=account.held,
    )


def _won(command: CloseDispute, account: Account, dispute: PendingDispute) -> DisputeWon:
    reversal = reverse(account, dispute.parts, dispute.amount)
    cleared = JournalLine(PAYMENT_CLEARING, "debit", dispute.amount)
    return DisputeWon(
        account_id=account.account_id,
        currency=account.currency,
        dispute_id=command.dispute_id,
        payment_ref=dispute.payment_ref,
        amount=dispute.amount,
        debt_settled=reversal.debt_settled,
        restored=reversal.restored,
        lot=reversal.lot,
        lot_amount=reversal.lot_amount,
        entries=(account.entry("dispute_won", (cleared, *reversal.lines)),),
        balance_after=reversal.balance_after,
        held_after=account.held,
    )


def _lost(command: CloseDispute, account: Account, dispute: PendingDispute) -> DisputeLost:
    cleared = JournalLine(PAYMENT_CLEARING, "debit", dispute.amount)
    gone = JournalLine(CASH, "credit", dispute.amount)
    return DisputeLost(
        account_id=account.account_id,
        currency=account.currency,
        dispute_id=command.dispute_id,
        payment_ref=dispute.payment_ref,
        amount=dispute.amount,
        entries=(account.entry("dispute_lost", (cleared, gone)),),
        balance_after=account.balance,
        held_after=account.held,
    )


def _closed_answer(command: CloseDispute, closed: DisputeWon | DisputeLost) -> ClosedDisputeAnswer:
    return ClosedDisputeAnswer(
        **standing_after(closed),
        dispute_id=closed.dispute_id,
        payment_ref=closed.payment_ref,
        amount=format_amount(closed.amount),
        decided=command.outcome,
    )
