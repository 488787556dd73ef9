"""What every event of an account's stream does to its state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.burn_down import Lot
from usage_ledger.accounts.events import (
    AccountOpened,
    CreditsGranted,
    PurchaseRecorded,
    SuspendedUsageRated,
    UsageRecorded,
)
from usage_ledger.accounts.fees.apply import fee_charged
from usage_ledger.accounts.fees.events import FeeCharged
from usage_ledger.accounts.lifecycle.apply import reasons_changed
from usage_ledger.accounts.lifecycle.events import AccountResumed, AccountSuspended
from usage_ledger.accounts.limits.apply import budget_removed, budget_set, budget_threshold_crossed, count_usage
from usage_ledger.accounts.limits.events import BudgetRemoved, BudgetSet, BudgetThresholdCrossed

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account

Fold = Callable[["Account", Any, int], None]
"""Takes the account, the payload and the event's recorded_at, microseconds UTC."""


def account_opened(account: Account, opened: AccountOpened, _: int) -> None:
    for field in opened.__struct_fields__:
        setattr(account, field, getattr(opened, field))


def purchase_recorded(account: Account, purchase: PurchaseRecorded, recorded_at: int) -> None:
    _add_lot(account, purchase, "purchase", recorded_at, recorded_at)
    account.post(purchase.entries)


def credits_granted(account: Account, granted: CreditsGranted, recorded_at: int) -> None:
    _add_lot(account, granted, granted.kind, granted.effective_at, recorded_at)
    account.post(granted.entries)


def usage_recorded(account: Account, usage: UsageRecorded | SuspendedUsageRated, recorded_at: int) -> None:
    account.draw(usage.allocations)
    account.post(usage.entries)
    if account.limits.budgets:
        count_usage(account, usage.decisions, usage.lines, recorded_at)


def _add_lot(
    account: Account, credit: PurchaseRecorded | CreditsGranted, kind: str, effective_at: int, recorded_at: int
) -> None:
    if credit.lot is None:
        return
    account.add_lot(
        Lot(
            lot=credit.lot,
            kind=kind,
            amount=credit.amount,
            remaining=credit.lot_amount,
            priority=credit.priority,
            effective_at=effective_at,
            expires_at=credit.expires_at,
            recorded_at=recorded_at,
            version=account.version,
        )
    )


APPLIERS: Final[dict[type, Fold]] = {
    AccountOpened: account_opened,
    PurchaseRecorded: purchase_recorded,
    CreditsGranted: credits_granted,
    UsageRecorded: usage_recorded,
    SuspendedUsageRated: usage_recorded,
    FeeCharged: fee_charged,
    AccountSuspended: reasons_changed,
    AccountResumed: reasons_changed,
    BudgetSet: budget_set,
    BudgetRemoved: budget_removed,
    BudgetThresholdCrossed: budget_threshold_crossed,
}
"""An event that is not here changes nothing that a decision would look at."""
