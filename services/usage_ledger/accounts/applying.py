"""What every event of an account's stream does to its state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.adjustments.apply import ADJUSTMENT_APPLIERS
from usage_ledger.accounts.bill_to.apply import BILL_TO_APPLIERS, count_billed
from usage_ledger.accounts.corrections.apply import usage_corrected
from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.apply import CREDIT_APPLIERS
from usage_ledger.accounts.entries.events import EntryPosted
from usage_ledger.accounts.events import AccountOpened, SuspendedUsageRated, UsageRecorded
from usage_ledger.accounts.fees.apply import FEE_APPLIERS
from usage_ledger.accounts.holds.apply import HOLD_APPLIERS
from usage_ledger.accounts.lifecycle.apply import LIFECYCLE_APPLIERS
from usage_ledger.accounts.limits.apply import budget_removed, budget_set, budget_threshold_crossed, budgets_counted
from usage_ledger.accounts.limits.events import BudgetRemoved, BudgetSet, BudgetThresholdCrossed
from usage_ledger.accounts.limits.topup_apply import TOPUP_APPLIERS
from usage_ledger.accounts.period_quantities import count_periods
from usage_ledger.accounts.rate_limits.apply import RATE_LIMIT_APPLIERS
from usage_ledger.accounts.refunds.apply import REFUND_APPLIERS
from usage_ledger.accounts.transfers.apply import TRANSFER_APPLIERS

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account

Fold = Callable[["Account", Any, int], None]
"""Takes the account, the payload and the event's recorded_at, microseconds UTC."""


def account_opened(account: Account, opened: AccountOpened, _: int) -> None:
    for field in opened.__struct_fields__:
        setattr(account, field, getattr(opened, field))


def usage_recorded(account: Account, usage: UsageRecorded | SuspendedUsageRated, recorded_at: int) -> None:
    account.draw(usage.allocations)
    account.post(usage.entries)
    if usage.budgets:
        budgets_counted(account, usage.budgets, recorded_at)
    if account.bill_to.authorities:
        count_billed(
            account, usage.decisions, [(line.decision, line.charged, line.occurred_at) for line in usage.lines]
        )
    count_periods(account, usage)


def entry_posted(account: Account, posted: EntryPosted, _: int) -> None:
    account.post(posted.entries)


APPLIERS: Final[dict[type, Fold]] = {
    AccountOpened: account_opened,
    UsageRecorded: usage_recorded,
    SuspendedUsageRated: usage_recorded,
    UsageCorrected: usage_corrected,
    **FEE_APPLIERS,
    **REFUND_APPLIERS,
    **ADJUSTMENT_APPLIERS,
    **TRANSFER_APPLIERS,
    BudgetSet: budget_set,
    BudgetRemoved: budget_removed,
    BudgetThresholdCrossed: budget_threshold_crossed,
    EntryPosted: entry_posted,
    **CREDIT_APPLIERS,
    **LIFECYCLE_APPLIERS,
    **TOPUP_APPLIERS,
    **HOLD_APPLIERS,
    **BILL_TO_APPLIERS,
    **RATE_LIMIT_APPLIERS,
}
"""An event that is not here changes nothing that a decision would look at."""
