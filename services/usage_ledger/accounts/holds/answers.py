"""What the commands about holds answer (H11): amounts as decimal text in the account's currency."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.holds.events import HoldPlaced, HoldReleased
from usage_ledger.accounts.usage_details import HoldState
from usage_ledger.money import format_amount
from usage_ledger.timeline import format_instant
from usage_ledger.usage.answer import UsageAnswer
from usage_ledger.usage.named_holds import NamedHold


class HoldAnswer(msgspec.Struct, frozen=True):
    """What is held for a call, and by whose decision. ``payer`` None: nobody pays, so nothing is held."""

    hold_id: str
    account_id: str
    held: str
    available: str
    currency: str
    expires_at: str
    payer: str | None
    payer_reason: str
    mode: str
    mode_source: str
    policy: str
    registry: str | None
    price_version: str | None


class ReleasedAnswer(msgspec.Struct, frozen=True):
    """What became free again."""

    hold_id: str
    account_id: str
    released: str
    available: str
    currency: str


class SettledAnswer(UsageAnswer, frozen=True, kw_only=True):
    """What was charged, and what became of the hold.

    ``hold_state`` is what it was when this came: only an open one is settled. ``held`` is what it still reserves.
    """

    account_id: str
    hold_state: HoldState
    overage: str
    released: str
    held: str


def hold_answer(placed: HoldPlaced) -> HoldAnswer:
    decision: PayerDecision = placed.decision
    return HoldAnswer(
        hold_id=placed.hold_id,
        account_id=placed.account_id,
        held=format_amount(placed.amount),
        available=format_amount(placed.balance_after - placed.held_after),
        currency=placed.currency,
        expires_at=format_instant(placed.expires_at),
        payer=decision.payer,
        payer_reason=decision.payer_reason,
        mode=decision.mode,
        mode_source=decision.mode_source,
        policy=decision.policy,
        registry=decision.registry_version,
        price_version=placed.estimate.price_version if placed.estimate else None,
    )


def released_answer(released: HoldReleased) -> ReleasedAnswer:
    return ReleasedAnswer(
        hold_id=released.hold_id,
        account_id=released.account_id,
        released=format_amount(released.amount),
        available=format_amount(released.balance_after - released.held_after),
        currency=released.currency,
    )


def settled_answer(answer: UsageAnswer, account: Account, hold: NamedHold) -> SettledAnswer:
    """``account`` as the settlement left it."""
    settled = hold.settlement.settled if hold.settlement else None
    still_open = account.holds.by_id.get(hold.named.hold_id)
    return SettledAnswer(
        outcome=answer.outcome,
        items=answer.items,
        code=answer.code,
        charged=answer.charged,
        currency=account.currency,
        usage_event_id=answer.usage_event_id,
        hold_id=hold.named.hold_id,
        account_id=account.account_id,
        hold_state=hold.named.hold_state,
        overage=format_amount(settled.overage if settled else 0),
        released=format_amount(settled.released if settled else 0),
        held=format_amount(still_open.amount if still_open else 0),
        available=format_amount(account.available),
    )
