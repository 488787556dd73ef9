"""A transfer between two accounts of a tenant: both events in one append, so that clearing never keeps any of it."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.incoming import require_creditable
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.moved_answer import MovedAnswer, standing_after
from usage_ledger.accounts.transfers.arriving import arrived
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.accounts.transfers.events import CreditsTransferredIn, CreditsTransferredOut
from usage_ledger.accounts.transfers.sending import sent
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import format_amount
from usage_ledger.refusals import InvalidInput, Refusal


class TransferAnswer(MovedAnswer, frozen=True, kw_only=True):
    """Where the giving account stands, what arrived at the other, and what of it settled debt there."""

    transfer_id: str
    to: str
    amount: str
    debt_settled: str


def transfer_credits(command: TransferCredits, decision: Decision) -> TransferAnswer | Repeated:
    """Move paid credit, once per transfer id (C14). What the other account cannot take does not leave this one.

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``credits_not_applicable``, ``currency_mismatch``,
    ``amount_not_positive``, ``transfer_conflict`` (the id was used for another transfer),
    ``insufficient_transferable``, ``event_too_large``, ``amount_out_of_range``; ``InvalidInput``: ``invalid_value``
    (to itself), and as ``parse_amount``.
    """
    if command.to == command.account_id:
        raise InvalidInput("invalid_value", "a transfer is between two accounts", "/to")
    giver = current_account(decision, command.account_id)
    taker = current_account(decision, command.to)
    amount = _amount(command, giver, taker)
    first = decision.claim("transfer", command.transfer_id, f"{command.account_id} {command.to} {amount}")
    if first is not None:
        return Repeated(first)
    require_creditable(giver)
    require_creditable(taker)
    leaving = sent(command, giver, amount, decision.recorded_at)
    arriving = arrived(leaving, giver, taker)
    record_on_account(decision, giver, leaving)
    record_on_account(decision, taker, arriving)
    return _answer(leaving, arriving)


def _amount(command: TransferCredits, giver: Account, taker: Account) -> int:
    if giver.currency != taker.currency:
        seen = {"from": giver.currency, "to": taker.currency}
        raise Refusal("currency_mismatch", "nothing is exchanged between currencies", seen)
    return positive_amount(giver, command.amount, command.currency)


def _answer(leaving: CreditsTransferredOut, arriving: CreditsTransferredIn) -> TransferAnswer:
    return TransferAnswer(
        **standing_after(leaving),
        transfer_id=leaving.transfer_id,
        to=leaving.to_account,
        amount=format_amount(leaving.amount),
        debt_settled=format_amount(arriving.debt_settled),
    )
