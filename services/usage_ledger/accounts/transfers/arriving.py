"""Credit of another account arrives: debt first, and each lot keeps its priority and its expiry (C5, C14)."""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.chart_of_accounts import CREDITS, OVERDRAFT, TRANSFER_CLEARING
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.transfers.events import ArrivedLot, CreditsTransferredIn, CreditsTransferredOut


def arrived(sent: CreditsTransferredOut, giver: Account, taker: Account) -> CreditsTransferredIn:
    """The event of what was sent arriving; ``giver`` is still as it was before it was sent."""
    lots = tuple(_arriving(sent, giver, taker))
    debt_settled = sent.amount - sum(lot.lot_amount for lot in lots)
    lines = (
        JournalLine(TRANSFER_CLEARING, "debit", sent.amount),
        JournalLine(OVERDRAFT, "credit", debt_settled),
        *(JournalLine(CREDITS, "credit", lot.lot_amount, lot.lot) for lot in lots),
    )
    return CreditsTransferredIn(
        account_id=taker.account_id,
        currency=taker.currency,
        transfer_id=sent.transfer_id,
        from_account=sent.account_id,
        amount=sent.amount,
        debt_settled=debt_settled,
        lots=lots,
        entries=(taker.entry("transfer_in", (line for line in lines if line.amount)),),
        balance_after=taker.balance + sent.amount,
        held_after=taker.held,
    )


def _arriving(sent: CreditsTransferredOut, giver: Account, taker: Account) -> Iterator[ArrivedLot]:
    terms = {lot.lot: lot for lot in giver.lots}
    debt = taker.overdraft
    for number, part in enumerate(sent.lots, 1):
        source = terms[part.lot or ""]
        settled = min(part.amount, debt)
        debt -= settled
        left = part.amount - settled
        lot = f"lot-{taker.version + 1}-{number}" if left else None
        yield ArrivedLot(source.lot, lot, part.amount, left, source.priority, source.expires_at)
