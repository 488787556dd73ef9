"""What events about bill-to, and usage charged by it, do to the payer's state. A function here cannot fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.bill_to.authority import Authority
from usage_ledger.accounts.bill_to.events import BillToAuthorized, BillToRevoked
from usage_ledger.accounts.events import PayerDecision

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def authorized(account: Account, event: BillToAuthorized, recorded_at: int) -> None:
    """A new permission; or other terms for the one that stands, which keeps what was charged by it."""
    standing = account.bill_to.at(event.beneficiary, recorded_at)
    if standing is None:
        account.bill_to.give(event.beneficiary, Authority(recorded_at, event.cap, event.expires_at))
    else:
        standing.cap, standing.expires_at = event.cap, event.expires_at


def revoked(account: Account, event: BillToRevoked, recorded_at: int) -> None:
    account.bill_to.authorities[event.beneficiary][-1].revoked_at = recorded_at


def count_billed(account: Account, decisions: Sequence[PayerDecision], charged: Iterable[tuple[int, int, int]]) -> None:
    """Count amounts, with the index of their decision and their time, for whoever used it.

    A correction's may be below zero. Each counts in the authority that stood when it occurred, by which it was judged;
    what a hold had reserved, and occurred when none stood, in the latest.
    """
    used_by = [decision.detail.used_by if decision.detail else None for decision in decisions]
    for decision, amount, occurred_at in charged:
        beneficiary = used_by[decision]
        given = account.bill_to.authorities.get(beneficiary) if beneficiary is not None else None
        if given and beneficiary is not None:
            (account.bill_to.at(beneficiary, occurred_at) or given[-1]).charged += amount


BILL_TO_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    BillToAuthorized: authorized,
    BillToRevoked: revoked,
}
