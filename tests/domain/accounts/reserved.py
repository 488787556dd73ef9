"""Holds of an account as they would be recorded, for tests of what is not about admission."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.holds.events import HoldPlaced, HoldReleased

_DECISION = PayerDecision(
    workspace_id="ws",
    mode="platform_managed",
    mode_source="derived_default",
    policy="policy",
    registry_version=None,
    payer="main",
    payer_reason="pinned",
    credential="platform",
    route_mismatch=False,
    capability="chat",
)


def hold_placed(account: Account, hold_id: str, amount: int, expires_at: int) -> HoldPlaced:
    """The event that reserves this much (nano-units) of the account as it stands."""
    return HoldPlaced(
        account_id=account.account_id,
        currency=account.currency,
        hold_id=hold_id,
        amount=amount,
        expires_at=expires_at,
        estimate=None,
        decision=_DECISION,
        balance_after=account.balance,
        held_after=account.held + amount,
    )


def hold_released(account: Account, hold_id: str) -> HoldReleased:
    """The event that gives up an open hold."""
    amount = account.holds.by_id[hold_id].amount
    return HoldReleased(
        account_id=account.account_id,
        currency=account.currency,
        hold_id=hold_id,
        amount=amount,
        reason=None,
        balance_after=account.balance,
        held_after=account.held - amount,
    )
