"""Who pays for usage: by the mode and the pin that held, or by whom an operator named for usage that waited."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.usage.attempt import RouteKey
from usage_ledger.usage.events import Disposition
from usage_ledger.usage.route import Hindrance
from usage_ledger.usage.standing import Standing
from usage_ledger.workspaces.billing_mode import POLICY, BillingMode

PINNED: Final = "pinned"
OTHER_PROVIDER: Final = "other_provider"
ASSIGNED: Final = "assigned"
BILL_TO: Final = "bill_to"


class Payment(msgspec.Struct, frozen=True):
    """Who pays for usage that occurred in [``since``, ``until``), in which mode, and why; ``payer`` None is nobody.

    ``fee_payer`` is who would pay a fee for usage with the customer's own key, None for any other usage (U8).
    """

    since: int
    until: int
    mode: BillingMode
    mode_source: str
    policy: str
    registry_version: str | None
    payer: str | None
    payer_reason: str
    fee_payer: str | None = None

    @property
    def is_own_key(self) -> bool:
        """Nobody pays for what was used, at most a fee."""
        return self.payer is None or self.fee_payer is not None

    def for_fee(self) -> Payment:
        """The same usage, with its fee charged."""
        return msgspec.structs.replace(self, payer=self.fee_payer, payer_reason=PINNED)


def payment_of(standing: Standing | Hindrance, key: RouteKey, assigned: str | None = None) -> Payment | Hindrance:
    """The payment, or the first reason why there is none. ``assigned`` is an account that stands in for the pin."""
    return _decided(standing, key) if assigned is None else _assigned(standing, key, assigned)


def is_platform_fallback(key: RouteKey) -> bool:
    """Whether the attempt declares itself a fallback to the platform's credential, which is charged in any mode."""
    _, _, _, credential, _, is_fallback, _, _, _ = key
    return is_fallback and credential == "platform"


def _decided(standing: Standing | Hindrance, key: RouteKey) -> Payment | Hindrance:
    """By the mode first, then by the pin (billing-mode 9, 10)."""
    if isinstance(standing, Hindrance):
        return standing
    mode = standing.resolution.mode
    is_metered = mode == "byok" and not is_platform_fallback(key)
    if mode == "disabled":
        return _hindrance(standing, "rejected", "mode_disabled")
    if is_metered:
        return msgspec.structs.replace(_paid_by(standing, None, OTHER_PROVIDER), fee_payer=standing.account_id)
    if standing.account_id is None:
        return _hindrance(standing, "waiting", "no_pin")
    return _paid_by(standing, standing.account_id, PINNED)


def _assigned(standing: Standing | Hindrance, key: RouteKey, account_id: str) -> Payment | Hindrance:
    """Where the mode is known it still decides whether anybody pays at all.

    It is not known for a workspace that was not registered in time, nor for a run without a decision: there the
    assignment is the decision.
    """
    if isinstance(standing, Hindrance):
        since, until = standing.since, standing.until
        return Payment(since, until, "platform_managed", ASSIGNED, POLICY, None, account_id, ASSIGNED)
    decided = _decided(msgspec.structs.replace(standing, account_id=account_id), key)
    if isinstance(decided, Hindrance):
        return decided
    if decided.payer is None:
        return _hindrance(standing, "waiting", "payer_not_required")
    return msgspec.structs.replace(decided, payer_reason=ASSIGNED)


def _hindrance(standing: Standing, disposition: Disposition, reason: str) -> Hindrance:
    return Hindrance(standing.since, standing.until, disposition, reason)


def _paid_by(standing: Standing, payer: str | None, payer_reason: str) -> Payment:
    resolution = standing.resolution
    return Payment(
        standing.since,
        standing.until,
        resolution.mode,
        resolution.source,
        resolution.policy,
        resolution.registry_version,
        payer,
        payer_reason,
    )
