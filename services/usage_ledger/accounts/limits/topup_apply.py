"""What events about auto top-up do to an account's state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.limits.events import (
    AutoTopupCompleted,
    AutoTopupConfigured,
    AutoTopupDisabled,
    AutoTopupFailed,
    AutoTopupLeaseExpired,
    AutoTopupTriggered,
)
from usage_ledger.accounts.limits.topup import AutoTopup

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def auto_topup_configured(account: Account, event: AutoTopupConfigured, recorded_at: int) -> None:
    if account.limits.topup is None:
        account.limits.topup = AutoTopup(event.threshold, event.amount, event.monthly_cap, event.enabled)
    account.limits.topup.configure(event, recorded_at)


def auto_topup_triggered(account: Account, event: AutoTopupTriggered, _: int) -> None:
    if (topup := account.limits.topup) is not None:
        topup.trigger(event.topup_id, event.amount, event.lease_until)


def auto_topup_completed(account: Account, event: AutoTopupCompleted, recorded_at: int) -> None:
    topup_paid(account, event.topup_id, recorded_at)


def topup_paid(account: Account, topup_id: str, recorded_at: int) -> None:
    """A purchase, or what was known to be one, paid for the top-up."""
    if (topup := account.limits.topup) is not None:
        topup.complete(topup_id, account.zone, recorded_at)


def auto_topup_failed(account: Account, event: AutoTopupFailed, recorded_at: int) -> None:
    if (topup := account.limits.topup) is not None:
        topup.fail(event.topup_id, event.consecutive, recorded_at)


def auto_topup_disabled(account: Account, _event: AutoTopupDisabled, _: int) -> None:
    if (topup := account.limits.topup) is not None:
        topup.enabled = False


def auto_topup_lease_expired(account: Account, event: AutoTopupLeaseExpired, _: int) -> None:
    if (topup := account.limits.topup) is not None:
        topup.lapse(event.topup_id)


TOPUP_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    AutoTopupConfigured: auto_topup_configured,
    AutoTopupTriggered: auto_topup_triggered,
    AutoTopupCompleted: auto_topup_completed,
    AutoTopupFailed: auto_topup_failed,
    AutoTopupDisabled: auto_topup_disabled,
    AutoTopupLeaseExpired: auto_topup_lease_expired,
}
