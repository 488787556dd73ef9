"""SetPricingPolicy: how prices become charges, for an account and a model pattern (P8, U9-U13)."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount, parse_amount
from usage_ledger.pricing.commands import PolicySetting, SetPricingPolicy
from usage_ledger.pricing.events import Margin
from usage_ledger.pricing.margin import margin_ratio
from usage_ledger.pricing.override import require_account
from usage_ledger.pricing.policy_events import PricingPolicySet, Unpriced
from usage_ledger.pricing.scope_policies import ScopePolicies
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import pricing_policy_stream


class PolicyAnswer(msgspec.Struct, frozen=True):
    """Everything that is set for the scope now; amounts are decimal text, None is not set."""

    account_id: str | None
    model: str | None
    margin: Margin | None
    allow_below_cost: bool
    minimum_charge: str | None
    unpriced: Unpriced | None
    byok_fee_per_request: str | None
    charge_failed: bool | None


def set_pricing_policy(command: SetPricingPolicy, decision: Decision) -> PolicyAnswer:
    """Set what is named; stating what is set already is accepted without an event.

    A policy for one account is for an account of the tenant that the command is decided for. Raises
    ``Refusal``: ``account_not_found``, ``margin_below_cost`` unless that is allowed; ``InvalidInput``:
    ``invalid_margin``, ``invalid_amount``.
    """
    require_account(command.account_id, decision)
    stream = pricing_policy_stream(decision.tenant, command.account_id)
    before = decision.get(ScopePolicies, stream).of(command.model)
    policy = _changed(command, before or _nothing(command, decision.tenant))
    if policy != before:
        decision.record(stream, policy)
    return _answer(policy)


def _nothing(command: SetPricingPolicy, tenant: str) -> PricingPolicySet:
    return PricingPolicySet(
        account_tenant=None if command.account_id is None else tenant,
        account_id=command.account_id,
        model=command.model,
        margin=None,
        allow_below_cost=False,
        minimum_charge=None,
        unpriced=None,
        byok_fee=None,
        charge_failed=None,
    )


def _changed(command: SetPricingPolicy, before: PricingPolicySet) -> PricingPolicySet:
    changes: dict[str, Any] = {_FIELD[setting]: None for setting in command.remove}
    if "margin" in command.remove:
        changes["allow_below_cost"] = False
    if command.margin is not None:
        changes |= _margin(command)
    if command.minimum_charge is not None:
        changes["minimum_charge"] = _amount(command.minimum_charge, "/minimum_charge")
    if command.byok_fee_per_request is not None:
        changes["byok_fee"] = _amount(command.byok_fee_per_request, "/byok_fee_per_request")
    if command.unpriced is not None:
        changes["unpriced"] = command.unpriced
    if command.charge_failed is not None:
        changes["charge_failed"] = command.charge_failed
    return msgspec.structs.replace(before, **changes)


def _margin(command: SetPricingPolicy) -> dict[str, Any]:
    text = command.margin
    if text is None:
        return {}
    factor, divisor = margin_ratio(text.margin, "/margin/value")
    if factor < divisor and not text.allow_below_cost:
        raise Refusal("margin_below_cost", "a charge below cost has to be allowed in so many words")
    return {"margin": text.margin, "allow_below_cost": text.allow_below_cost}


def _amount(text: str, pointer: str) -> int:
    nano = parse_amount(text, pointer)
    if nano < 0:
        raise InvalidInput("invalid_amount", "not below zero", pointer)
    return nano


_FIELD: dict[PolicySetting, str] = {
    "margin": "margin",
    "minimum_charge": "minimum_charge",
    "unpriced": "unpriced",
    "byok_fee_per_request": "byok_fee",
    "charge_failed": "charge_failed",
}


def _answer(policy: PricingPolicySet) -> PolicyAnswer:
    return PolicyAnswer(
        account_id=policy.account_id,
        model=policy.model,
        margin=policy.margin,
        allow_below_cost=policy.allow_below_cost,
        minimum_charge=_text(policy.minimum_charge),
        unpriced=policy.unpriced,
        byok_fee_per_request=_text(policy.byok_fee),
        charge_failed=policy.charge_failed,
    )


def _text(nano: int | None) -> str | None:
    return None if nano is None else format_amount(nano)
