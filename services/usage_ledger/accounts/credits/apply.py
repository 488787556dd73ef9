"""What every event about credit does to the state of its account. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.burn_down import Lot
from usage_ledger.accounts.credits.events import CreditsExpired, CreditsRolledOver, GrantScheduled
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.events import CreditsGranted, PurchaseRecorded
from usage_ledger.accounts.limits.topup_apply import topup_paid
from usage_ledger.accounts.refunds.purchases import Purchase

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def purchase_recorded(account: Account, purchase: PurchaseRecorded, recorded_at: int) -> None:
    account.credit_record.purchases[purchase.payment_ref] = Purchase(purchase.amount, purchase.lot)
    account.lot_book.end_turns(recorded_at)
    if purchase.lot is not None:
        account.add_lot(
            Lot(
                lot=purchase.lot,
                kind="purchase",
                amount=purchase.amount,
                remaining=purchase.lot_amount,
                priority=purchase.priority,
                effective_at=recorded_at,
                expires_at=purchase.expires_at,
                recorded_at=recorded_at,
                version=account.version,
            )
        )
    account.post(purchase.entries)
    if purchase.topup_id is not None:
        topup_paid(account, purchase.topup_id, recorded_at)


def grant_scheduled(account: Account, scheduled: GrantScheduled, _: int) -> None:
    account.credit_record.schedule(account.version, scheduled)


def credits_granted(account: Account, granted: CreditsGranted, recorded_at: int) -> None:
    scheduled = account.credit_record.unschedule(granted.kind, granted.reference)
    # What was scheduled came in when it was due, and of things due at one time grants come before expiry (C6).
    account.lot_book.end_turns(granted.effective_at - 1 if scheduled else recorded_at)
    if granted.kind == "dividend":
        account.credit_record.dividends.append(granted.reference)
    if granted.lot is not None:
        account.add_lot(
            Lot(
                lot=granted.lot,
                kind=granted.kind,
                amount=granted.amount,
                remaining=granted.lot_amount,
                priority=granted.priority,
                effective_at=granted.effective_at,
                expires_at=granted.expires_at,
                recorded_at=recorded_at,
                version=account.version,
                rollover=granted.allowance.rollover if granted.allowance else None,
            )
        )
    account.post(granted.entries)


def credits_expired(account: Account, expired: CreditsExpired, _: int) -> None:
    account.draw((LotAmount(expired.lot, expired.amount),))
    account.post(expired.entries)


def credits_rolled_over(account: Account, rolled: CreditsRolledOver, recorded_at: int) -> None:
    account.draw((LotAmount(rolled.from_lot, rolled.amount),))
    account.lot_book.rolled_over(rolled.from_lot)
    account.add_lot(
        Lot(
            lot=rolled.to_lot,
            kind=rolled.kind,
            amount=rolled.amount,
            remaining=rolled.amount,
            priority=rolled.priority,
            effective_at=rolled.effective_at,
            expires_at=rolled.expires_at,
            recorded_at=recorded_at,
            version=account.version,
        )
    )
    account.post(rolled.entries)


CREDIT_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    PurchaseRecorded: purchase_recorded,
    GrantScheduled: grant_scheduled,
    CreditsGranted: credits_granted,
    CreditsExpired: credits_expired,
    CreditsRolledOver: credits_rolled_over,
}
