"""One immutable price version, made ready for rating when it is folded in (P1)."""

from __future__ import annotations

import msgspec

from usage_ledger.pricing.events import PriceUsed, PriceVersionPublished

AccountKey = tuple[str, str]
"""Tenant and account id."""


class PriceVersion(msgspec.Struct, frozen=True):
    """Prices in femto-units per unit; None means that the bucket has no price. Times in microseconds UTC.

    ``sequence`` is the order of publication: what was recorded later supersedes (P2).
    """

    published: PriceVersionPublished
    account: AccountKey | None
    recorded_at: int
    sequence: int
    used: PriceUsed
    input: int | None
    cache_read: int | None
    output: int | None
    other: dict[str, int]
    per_request: int

    def is_effective(self, occurred_at: int) -> bool:
        published = self.published
        ends = published.effective_to
        return published.effective_from <= occurred_at and (ends is None or occurred_at < ends)

    def may_price(self, provider: str | None, account: AccountKey | None) -> bool:
        """An override concerns its own account only. A provider narrows only where price and usage both name one."""
        published = self.published
        if self.account is not None and self.account != account:
            return False
        return provider is None or published.provider is None or published.provider == provider

    def boundaries(self) -> tuple[int, ...]:
        """The instants at which it begins or ends to hold."""
        ends = self.published.effective_to
        return (self.published.effective_from,) if ends is None else (self.published.effective_from, ends)


def price_version(published: PriceVersionPublished, recorded_at: int, sequence: int) -> PriceVersion:
    """The published version with its numbers where rating finds them."""
    prices = {unit_price.bucket: unit_price.femto_per_unit for unit_price in published.price.unit_prices}
    used = PriceUsed(
        published.version,
        published.list,
        published.account_id is not None,
        published.currency,
        published.price.per_request_femto,
        published.price.unit_prices,
    )
    return PriceVersion(
        published=published,
        account=_account_of(published),
        recorded_at=recorded_at,
        sequence=sequence,
        used=used,
        input=prices.pop("input", None),
        cache_read=prices.pop("cache_read", None),
        output=prices.pop("output", None),
        other=prices,
        per_request=published.price.per_request_femto or 0,
    )


def _account_of(published: PriceVersionPublished) -> AccountKey | None:
    if published.account_tenant is None or published.account_id is None:
        return None
    return published.account_tenant, published.account_id
