"""How a grant posts: debt first, the rest is a lot that the expense of its kind pays (C5, C9)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.chart_of_accounts import GRANT_SOURCES
from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.events import CreditsGranted
from usage_ledger.accounts.journal import JournalLine


def granted_now(account: Account, grant: GrantScheduled) -> CreditsGranted:
    """The grant as it posts to the account as it is. Raises ``Refusal('amount_out_of_range')``."""
    credit = account.incoming(grant.amount)
    source = JournalLine(GRANT_SOURCES[grant.kind], "debit", grant.amount)
    return CreditsGranted(
        **msgspec.structs.asdict(grant),
        debt_settled=credit.debt_settled,
        lot=credit.lot,
        lot_amount=credit.lot_amount,
        entries=(account.entry("grant", (source, *credit.credit_lines)),),
        balance_after=account.balance + grant.amount,
        held_after=account.held,
    )
