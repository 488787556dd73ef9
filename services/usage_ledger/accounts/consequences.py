"""What follows from an event in the same append, in a fixed order (L5): the one way to append what moves an account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.expiring import freed_credit_expires, returned_credit_expires
from usage_ledger.accounts.limits.crossing import budget_thresholds_crossed
from usage_ledger.accounts.limits.events import CreditsExhausted
from usage_ledger.accounts.limits.topup_triggering import auto_topup_triggered
from usage_ledger.accounts.refunds.events import DisputeWon
from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload
from usage_ledger.streams import account_stream

Consequence = Callable[[Account, int, int], Iterable[EventPayload]]
"""Takes the account after the event, its balance before it (nano-units), and recorded_at (microseconds UTC)."""


def credits_exhausted(account: Account, balance_before: int, _: int) -> Iterator[EventPayload]:
    """A prepaid account's balance fell to zero or below: said once, and again only after it was above (L4)."""
    if balance_before > 0 >= account.balance and account.funding == "prepaid":
        yield CreditsExhausted(account.account_id, account.currency, account.balance)


CONSEQUENCES: Final[tuple[Consequence, ...]] = (budget_thresholds_crossed, credits_exhausted, auto_topup_triggered)
"""In the order of L5, after the main event, the settlements of its holds, and the expiry of what they freed."""


_RETURNING: Final = (UsageCorrected, DisputeWon)
"""What may give credit back to lots that expired meanwhile (C12)."""


def record_on_account(
    decision: Decision,
    account: Account,
    payload: EventPayload,
    occurred_at: int | None = None,
    also: Iterable[EventPayload] = (),
    last: Iterable[EventPayload] = (),
) -> int:
    """Append the event, then ``also`` (settlements of holds), then what follows from them, then ``last``.

    What follows first is the expiry of what holds kept that they closed, and of what came back too late (C7, C12).
    ``last`` is what this event in particular does to the account's standing: it ends the order of L5.
    Answers the position of the first. Each consequence is worked out after the one before it was folded in.
    """
    stream = account_stream(decision.tenant, account.account_id)
    before, open_holds = account.balance, account.holds.count
    position = decision.record(stream, payload, occurred_at)
    for each in also:
        decision.record(stream, each, occurred_at)
    if account.holds.count < open_holds:
        for each in freed_credit_expires(account, decision.recorded_at):
            decision.record(stream, each)
    elif isinstance(payload, _RETURNING):
        for each in returned_credit_expires(account, payload.restored, decision.recorded_at):
            decision.record(stream, each)
    for each in consequences(account, before, decision.recorded_at):
        decision.record(stream, each)
    for each in last:
        decision.record(stream, each)
    return position


def consequences(account: Account, balance_before: int, now: int) -> Iterator[EventPayload]:
    """Lazily, so that each one sees what the one before it did."""
    for consequence in CONSEQUENCES:
        yield from consequence(account, balance_before, now)
