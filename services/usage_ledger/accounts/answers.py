"""What the account's commands answer: amounts as decimal text in the account's currency (M3)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.events import AccountOpened, CreditsGranted, Funding, OwnerKind, PurchaseRecorded, Tier
from usage_ledger.money import format_amount


class AccountAnswer(msgspec.Struct, frozen=True):
    """An account as it was opened; ``version`` is that of its stream."""

    account_id: str
    owner_kind: OwnerKind
    tier: Tier | None
    funding: Funding
    currency: str
    zone: str
    overdraft_limit: str
    credit_limit: str | None
    version: int


class CreditAnswer(msgspec.Struct, frozen=True):
    """What an incoming credit did, and where the account stands after it (C2, C5).

    ``scheduled``: it is for a time to come and did nothing yet (C9).
    """

    account_id: str
    lot: str | None
    amount: str
    debt_settled: str
    lot_amount: str
    posted: str
    held: str
    available: str
    currency: str
    scheduled: bool = False


def opened_answer(opened: AccountOpened, version: int) -> AccountAnswer:
    return AccountAnswer(
        account_id=opened.account_id,
        owner_kind=opened.owner_kind,
        tier=opened.tier,
        funding=opened.funding,
        currency=opened.currency,
        zone=opened.zone,
        overdraft_limit=format_amount(opened.overdraft_limit),
        credit_limit=None if opened.credit_limit is None else format_amount(opened.credit_limit),
        version=version,
    )


def credit_answer(credit: PurchaseRecorded | CreditsGranted) -> CreditAnswer:
    return CreditAnswer(
        account_id=credit.account_id,
        lot=credit.lot,
        amount=format_amount(credit.amount),
        debt_settled=format_amount(credit.debt_settled),
        lot_amount=format_amount(credit.lot_amount),
        posted=format_amount(credit.balance_after),
        held=format_amount(credit.held_after),
        available=format_amount(credit.balance_after - credit.held_after),
        currency=credit.currency,
    )


def scheduled_answer(account: Account, grant: GrantScheduled) -> CreditAnswer:
    zero = format_amount(0)
    return CreditAnswer(
        account_id=grant.account_id,
        lot=None,
        amount=format_amount(grant.amount),
        debt_settled=zero,
        lot_amount=zero,
        posted=format_amount(account.balance),
        held=format_amount(account.held),
        available=format_amount(account.available),
        currency=grant.currency,
        scheduled=True,
    )
