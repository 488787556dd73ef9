"""What the pricing policies record (P8, U9-U13)."""

from __future__ import annotations

from typing import Literal

from usage_ledger.pricing.events import Margin
from usage_ledger.recorded_event import EventPayload

Unpriced = Literal["block", "allow"]
"""What admission makes of a model without a price (U12)."""


class PricingPolicySet(EventPayload, frozen=True):
    """How prices become charges for a scope: everything that is set for it now; None is not set there.

    Without ``account_id`` it is for all accounts, without ``model`` (a pattern) for all models. Amounts are nano-units
    of the paying account's currency.
    """

    account_tenant: str | None
    account_id: str | None
    model: str | None
    margin: Margin | None
    allow_below_cost: bool
    minimum_charge: int | None
    unpriced: Unpriced | None
    byok_fee: int | None
    charge_failed: bool | None
