"""All that the deployment knows of prices, and what of it prices a usage (P1-P8).

Knowledge is what has been folded in, by position: replay answers as then, and ``known_at`` asks what was known at an
earlier position. What it does not do: rate quantities, that is ``rating.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from usage_ledger.pricing.aliases import Aliases
from usage_ledger.pricing.choice import Choice, Span, choice_of, common_span, price_basis
from usage_ledger.pricing.events import (
    LineOutcome,
    ModelMapped,
    PriceBasis,
    PriceList,
    PriceVersionPublished,
    PriceVersionWithdrawn,
)
from usage_ledger.pricing.policy import AccountKey, Policies
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.pricing.price_version import PriceVersion, price_version
from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import BEGINNING, END

__all__ = ["AccountKey", "Choice", "PriceBook"]

_MAX_REMEMBERED: Final = 65_536
"""Choices kept at hand. Beyond it all are forgotten, which costs a search each and changes no answer."""

_Key = tuple[str, str | None, str | None, AccountKey | None]


class PriceBook:
    """Folded from the price and policy streams of the platform."""

    __slots__ = ("_bases", "_by_model", "_models_of", "_remembered", "_withdrawn", "aliases", "policies", "position")

    def __init__(self) -> None:
        self._by_model: dict[str, list[PriceVersion]] = {}
        self._models_of: dict[str, list[str]] = {}
        self._withdrawn: dict[tuple[str, str], int] = {}
        self._remembered: dict[_Key, Choice] = {}
        self._bases: dict[PriceBasis, PriceBasis] = {}
        self.aliases = Aliases()
        self.policies = Policies()
        self.position = 0

    def apply(self, payload: EventPayload, recorded_at: int, position: int | None = None) -> None:
        """Fold one fact, at its position in the facts' shard (default: the next); other facts do not concern prices."""
        self.position = self.position + 1 if position is None else position
        match payload:
            case PriceVersionPublished():
                version = price_version(payload, recorded_at, self.position)
                self._by_model.setdefault(payload.model, []).append(version)
                self._models_of.setdefault(payload.version, []).append(payload.model)
            case PriceVersionWithdrawn():
                self._withdrawn[payload.model, payload.version] = self.position
            case ModelMapped():
                self.aliases.apply(payload, self.position)
            case PricingPolicySet():
                self.policies.apply(payload, self.position)
            case _:
                return
        self._forget()

    def models_of(self, version: str) -> list[str]:
        """The models that have a version of this name."""
        return self._models_of.get(version, [])

    def choose(
        self,
        model: str,
        provider: str | None,
        currency: str | None,
        account: AccountKey | None,
        occurred_at: int,
        known_at: int | None = None,
    ) -> Choice:
        """What prices a usage at ``occurred_at`` (microseconds UTC), with what is known now (P2).

        ``currency`` is the account's: no other is ever charged (M7). Without one nobody is charged, and the provider's
        price is looked up in any currency. ``known_at`` is a position of the facts, for the knowledge of then (U16).
        """
        key = model, provider, currency, account
        if known_at is not None and known_at < self.position:
            return self._choose(key, occurred_at, known_at)
        choice = self._remembered.get(key)
        if choice is None or not choice.holds_from <= occurred_at < choice.holds_to:
            choice = self._choose(key, occurred_at, END)
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._forget()
            self._remembered[key] = choice
        return choice

    def _choose(self, key: _Key, occurred_at: int, known_at: int) -> Choice:
        answered, provider, currency, account = key
        resolved = self.aliases.resolve(answered, occurred_at, known_at)
        known = self._known(resolved.model, provider, account, known_at)
        effective = [version for version in known if version.is_effective(occurred_at)]
        in_currency = [version for version in effective if version.published.currency == currency]
        policy = self.policies.of(account, resolved.model, known_at)
        cost = _best(in_currency, "cost")
        charge = _best(in_currency, "sell") or (cost if policy.ratio else None)
        cost = cost or _best(effective, "cost")
        basis = price_basis(resolved.model, answered, provider, charge, cost, policy)
        span = common_span((resolved.holds_from, resolved.holds_to), _span_between_boundaries(known, occurred_at))
        reason = _reason_of_no_charge(in_currency, effective)
        return choice_of(charge, cost, reason, policy, self._bases.setdefault(basis, basis), occurred_at, span)

    def _known(self, model: str, provider: str | None, account: AccountKey | None, known_at: int) -> list[PriceVersion]:
        return [
            version
            for version in self._by_model.get(model, ())
            if version.position <= known_at
            and version.may_price(provider, account)
            and not self._was_withdrawn(version, known_at)
        ]

    def _was_withdrawn(self, version: PriceVersion, known_at: int) -> bool:
        withdrawn_at = self._withdrawn.get((version.published.model, version.published.version))
        return withdrawn_at is not None and withdrawn_at <= known_at

    def _forget(self) -> None:
        self._remembered.clear()
        self._bases.clear()


def _best(versions: Iterable[PriceVersion], price_list: PriceList) -> PriceVersion | None:
    """Of one list: the account's own before the general, then the latest recorded, then the highest version (P2)."""
    return max((version for version in versions if version.published.list == price_list), key=_rank, default=None)


def _rank(version: PriceVersion) -> tuple[bool, int, int]:
    return version.used.account_specific, version.recorded_at, version.position


def _reason_of_no_charge(in_currency: list[PriceVersion], effective: list[PriceVersion]) -> LineOutcome:
    """Why there is no charge if no sell price was found: a cost price alone needs a margin rule (U9, U11)."""
    if in_currency:
        return "no_margin_rule"
    return "no_price_in_currency" if effective else "no_price"


def _span_between_boundaries(versions: Iterable[PriceVersion], occurred_at: int) -> Span:
    """The longest interval around the instant in which no version begins or ends."""
    boundaries = [bound for version in versions for bound in version.boundaries()]
    return (
        max((bound for bound in boundaries if bound <= occurred_at), default=BEGINNING),
        min((bound for bound in boundaries if bound > occurred_at), default=END),
    )
