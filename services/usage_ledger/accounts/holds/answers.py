"""What the commands about holds answer (H11): amounts as decimal text in the account's currency."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.holds.events import HoldPlaced, HoldReleased
from usage_ledger.money import format_amount
from usage_ledger.timeline import format_instant


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
