"""The pricing policies that are set, and what holds of them for an account and a model (P8, U9-U13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from usage_ledger.pricing.events import Margin
from usage_ledger.pricing.margin import Ratio, margin_ratio
from usage_ledger.pricing.policy_events import PricingPolicySet, Unpriced

AccountKey = tuple[str, str]
"""Tenant and account id."""

Scope = tuple[AccountKey | None, str | None]
"""An account or all of them, a model pattern or all models."""


class Policy(msgspec.Struct, frozen=True):
    """What holds for usage of one account and model; amounts in nano-units of the account's currency.

    ``ratio`` is the margin as an exact factor, None where no margin is set.
    """

    margin: Margin | None
    ratio: Ratio | None
    minimum_charge: int
    unpriced: Unpriced
    byok_fee: int
    charge_failed: bool


class _Known(msgspec.Struct, frozen=True):
    position: int
    policy: PricingPolicySet


class Policies:
    """Folded from the policy streams. What was set at a later position than is known is not seen (P2)."""

    __slots__ = ("_exact", "_history", "_patterns")

    def __init__(self) -> None:
        self._history: dict[Scope, list[_Known]] = {}
        self._patterns: dict[AccountKey | None, dict[str, re.Pattern[str]]] = {}
        self._exact: dict[AccountKey | None, set[str]] = {}

    def apply(self, policy: PricingPolicySet, position: int) -> None:
        account, model = scope = _scope_of(policy)
        self._history.setdefault(scope, []).append(_Known(position, policy))
        if model is None:
            return
        if "*" in model:
            self._patterns.setdefault(account, {})[model] = model_pattern(model)
        else:
            self._exact.setdefault(account, set()).add(model)

    def of(self, account: AccountKey | None, model: str, known_at: int) -> Policy:
        """Each setting by itself, from the nearest scope that has it: the account's before the general (P8)."""
        nearest = [policy for scope in self._scopes(account, model) if (policy := self._at(scope, known_at))]
        margin = _first(nearest, "margin")
        return Policy(
            margin=margin,
            ratio=None if margin is None else margin_ratio(margin),
            minimum_charge=_first(nearest, "minimum_charge") or 0,
            unpriced=_first(nearest, "unpriced") or "block",
            byok_fee=_first(nearest, "byok_fee") or 0,
            charge_failed=_first(nearest, "charge_failed") or False,
        )

    def _scopes(self, account: AccountKey | None, model: str) -> Iterator[Scope]:
        for owner in (account, None) if account is not None else (None,):
            for pattern in self._matching(owner, model):
                yield owner, pattern
            yield owner, None

    def _matching(self, owner: AccountKey | None, model: str) -> list[str]:
        """The owner's patterns that the model fits, the longest first; of one length, the model's own name first."""
        fitting = [text for text, pattern in self._patterns.get(owner, {}).items() if pattern.fullmatch(model)]
        if model in self._exact.get(owner, ()):
            fitting.append(model)
        return sorted(fitting, key=lambda text: (-len(text), text != model, text))

    def _at(self, scope: Scope, known_at: int) -> PricingPolicySet | None:
        known = [each for each in self._history.get(scope, ()) if each.position <= known_at]
        return known[-1].policy if known else None


def model_pattern(text: str) -> re.Pattern[str]:
    """``*`` stands for any run of characters, everything else for itself."""
    return re.compile(".*".join([re.escape(part) for part in text.split("*")]))


def _first(policies: Iterable[PricingPolicySet], setting: str) -> Any:
    values = (getattr(policy, setting) for policy in policies)
    return next((value for value in values if value is not None), None)


def _scope_of(policy: PricingPolicySet) -> Scope:
    if policy.account_tenant is None or policy.account_id is None:
        return None, policy.model
    return (policy.account_tenant, policy.account_id), policy.model
