"""Which suspended lines a fact about prices might rate: rather too many than too few, for the command judges (U12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from usage_ledger.pricing.events import ModelMapped, PriceVersionPublished, PriceVersionWithdrawn
from usage_ledger.pricing.policy import AccountKey
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.reacting.unsettled import Unsettled, Wanted
from usage_ledger.recorded_event import EventPayload


def _priced_by(price: PriceVersionPublished, unsettled: Unsettled) -> Wanted:
    """A sell price by itself, a cost price with a margin that may be set already."""
    return Wanted(
        models=unsettled.names_of(price.model),
        currency=price.currency,
        occurred_from=price.effective_from,
        occurred_to=price.effective_to,
        account=_account(price),
    )


def _bared_by(withdrawn: PriceVersionWithdrawn, unsettled: Unsettled) -> Wanted:
    """The version before it may have a price for a bucket that it had none for."""
    return Wanted(unsettled.names_of(withdrawn.model))


def _mapped_by(mapped: ModelMapped, unsettled: Unsettled) -> Wanted:
    return Wanted(unsettled.names_of(mapped.alias), occurred_from=mapped.effective_from)


def _margined_by(policy: PricingPolicySet, unsettled: Unsettled) -> Wanted:
    """Which models a pattern means is for the price book to say."""
    is_name = policy.model is not None and "*" not in policy.model
    return Wanted(unsettled.names_of(policy.model) if policy.model and is_name else None, account=_account(policy))


def _account(fact: PriceVersionPublished | PricingPolicySet) -> AccountKey | None:
    if fact.account_tenant is None or fact.account_id is None:
        return None
    return fact.account_tenant, fact.account_id


WANTED: Final[Mapping[type[EventPayload], Callable[[Any, Unsettled], Wanted]]] = {
    PriceVersionPublished: _priced_by,
    PriceVersionWithdrawn: _bared_by,
    ModelMapped: _mapped_by,
    PricingPolicySet: _margined_by,
}
