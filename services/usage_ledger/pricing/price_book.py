"""All price versions of the deployment, and which of them prices a usage (P1, P2).

Knowledge is what has been folded in: a version that was recorded later is not there yet, so replay answers as then.
What it does not do yet: margins on cost prices, withdrawal, aliases, thresholds, tiers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from usage_ledger.pricing.events import LineOutcome, PriceBasis, PriceList, PriceVersionPublished
from usage_ledger.pricing.price_version import AccountKey, PriceVersion, price_version
from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import BEGINNING, END

_MAX_REMEMBERED: Final = 65_536
"""Choices kept at hand. Beyond it all are forgotten, which costs a search each and changes no answer."""


class Choice(msgspec.Struct, frozen=True):
    """What prices a usage: ``charge`` is None when it cannot be charged, for ``reason``; ``cost`` None is unknown.

    The answer is the same for every occurred_at in [``holds_from``, ``holds_to``), microseconds UTC. ``basis`` is the
    record of it that an event carries.
    """

    charge: PriceVersion | None
    cost: PriceVersion | None
    reason: LineOutcome
    basis: PriceBasis
    holds_from: int
    holds_to: int


class PriceBook:
    """Folded from the price streams of the platform."""

    __slots__ = ("_by_model", "_remembered", "_sequence")

    def __init__(self) -> None:
        self._by_model: dict[str, list[PriceVersion]] = {}
        self._remembered: dict[tuple[str, str | None, str | None, AccountKey | None], Choice] = {}
        self._sequence = 0

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        """Fold one fact; facts of other kinds do not concern prices."""
        if isinstance(payload, PriceVersionPublished):
            self._sequence += 1
            version = price_version(payload, recorded_at, self._sequence)
            self._by_model.setdefault(payload.model, []).append(version)
            self._remembered.clear()

    def choose(
        self, model: str, provider: str | None, currency: str | None, account: AccountKey | None, occurred_at: int
    ) -> Choice:
        """The versions for a usage at ``occurred_at`` (microseconds UTC), with what is known now (P2).

        ``currency`` is the account's: no other is ever charged (M7). Without one nobody is charged, and the provider's
        price is looked up in any currency.
        """
        key = model, provider, currency, account
        choice = self._remembered.get(key)
        if choice is None or not choice.holds_from <= occurred_at < choice.holds_to:
            choice = self._choose(model, provider, currency, account, occurred_at)
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = choice
        return choice

    def _choose(
        self, model: str, provider: str | None, currency: str | None, account: AccountKey | None, occurred_at: int
    ) -> Choice:
        known = [version for version in self._by_model.get(model, ()) if version.may_price(provider, account)]
        effective = [version for version in known if version.is_effective(occurred_at)]
        in_currency = [version for version in effective if version.published.currency == currency]
        sell = _best(in_currency, "sell")
        cost = _best(in_currency, "cost") or _best(effective, "cost")
        holds_from, holds_to = _interval_between_boundaries(known, occurred_at)
        return Choice(
            charge=sell,
            cost=cost,
            reason=_reason_of_no_charge(in_currency, effective),
            basis=PriceBasis(model, provider, sell.used if sell else None, cost.used if cost else None),
            holds_from=holds_from,
            holds_to=holds_to,
        )


def _best(versions: Iterable[PriceVersion], price_list: PriceList) -> PriceVersion | None:
    """Of one list: the account's own before the general, then the latest recorded, then the highest version (P2)."""
    return max((version for version in versions if version.published.list == price_list), key=_rank, default=None)


def _rank(version: PriceVersion) -> tuple[bool, int, int]:
    return version.used.account_specific, version.recorded_at, version.sequence


def _reason_of_no_charge(in_currency: list[PriceVersion], effective: list[PriceVersion]) -> LineOutcome:
    """Why there is no charge if no sell price was found: a cost price alone needs a margin rule (U9, U11)."""
    if in_currency:
        return "no_margin_rule"
    return "no_price_in_currency" if effective else "no_price"


def _interval_between_boundaries(versions: Iterable[PriceVersion], occurred_at: int) -> tuple[int, int]:
    """The longest interval around the instant in which no version begins or ends."""
    boundaries = [bound for version in versions for bound in version.boundaries()]
    return (
        max((bound for bound in boundaries if bound <= occurred_at), default=BEGINNING),
        min((bound for bound in boundaries if bound > occurred_at), default=END),
    )
