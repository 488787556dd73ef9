"""Credit leaves an account: paid lots only, in the order in which they burn, and never what holds need (C14)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.burn_down import allocate
from usage_ledger.accounts.chart_of_accounts import CREDITS, GRANT_SOURCES, TRANSFER_CLEARING
from usage_ledger.accounts.credits.lot_amount import LotAmount, require_nameable
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.accounts.transfers.events import CreditsTransferredOut
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal


def sent(command: TransferCredits, account: Account, amount: int, now: int) -> CreditsTransferredOut:
    """The event of ``amount`` nano-units leaving. Raises ``Refusal``: ``insufficient_transferable``,
    ``event_too_large`` (more lots than one event can name).

    Credit past its expiry does not leave: what is left of it is kept for open holds, and expires with them (C7).
    """
    kept = {lot.lot for lot in account.lot_book.expired(now)}
    paid = [lot for lot in account.lots if lot.kind not in GRANT_SOURCES and lot.lot not in kept]
    transferable = min(sum(lot.remaining for lot in paid), max(0, account.available))
    if amount > transferable:
        seen = {"transferable": format_amount(transferable), "required": format_amount(amount)}
        raise Refusal("insufficient_transferable", "less paid credit is free to leave", seen)
    parts = tuple(LotAmount(part.lot, part.amount) for part in allocate([amount], paid))
    require_nameable(parts)
    given = (JournalLine(CREDITS, "debit", part.amount, part.lot) for part in parts)
    clearing = JournalLine(TRANSFER_CLEARING, "credit", amount)
    return CreditsTransferredOut(
        account_id=account.account_id,
        currency=account.currency,
        transfer_id=command.transfer_id,
        to_account=command.to,
        amount=amount,
        lots=parts,
        entries=(account.entry("transfer_out", (*given, clearing)),),
        balance_after=account.balance - amount,
        held_after=account.held,
    )
