"""One immutable price version, made ready for rating when it is folded in (P1)."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.pricing.events import PriceUsed, PriceVersionPublished
from usage_ledger.pricing.policy import AccountKey
from usage_ledger.pricing.price_form import WindowPrice
from usage_ledger.pricing.ready_price import ReadyPrice, ready_in_window, window_at
from usage_ledger.timeline import BEGINNING, END

_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND


class PriceVersion(msgspec.Struct, frozen=True):
    """Times in microseconds UTC. ``position`` is that of its event: what was recorded later supersedes (P2).

    ``base`` and ``in_windows`` are its price made ready, outside and inside of each of its windows.
    """

    published: PriceVersionPublished
    account: AccountKey | None
    recorded_at: int
    position: int
    used: PriceUsed
    base: ReadyPrice
    in_windows: dict[WindowPrice, ReadyPrice]

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

    def ready_at(self, occurred_at: int) -> ReadyPrice:
        """The price of the time of day (P7)."""
        if not self.in_windows:
            return self.base
        window = window_at(self.used, occurred_at % _DAY // _SECOND)
        return self.base if window is None else self.in_windows[window]

    def span_of_window(self, occurred_at: int) -> tuple[int, int]:
        """The interval [since, until) around the instant in which no window begins or ends."""
        if not self.in_windows:
            return BEGINNING, END
        midnight = occurred_at - occurred_at % _DAY
        edges = {edge * _SECOND for window in self.in_windows for edge in (window.from_s, window.to_s)}
        instants = [midnight + day + edge for day in (-_DAY, 0, _DAY) for edge in edges]
        return (
            max(instant for instant in instants if instant <= occurred_at),
            min(instant for instant in instants if instant > occurred_at),
        )


def price_version(published: PriceVersionPublished, recorded_at: int, position: int) -> PriceVersion:
    """The published version with its numbers where rating finds them."""
    used = PriceUsed(
        published.version,
        published.list,
        published.account_id is not None,
        published.currency,
        published.price.per_request_femto,
        published.price.unit_prices,
        published.price.form,
    )
    form = published.price.form
    return PriceVersion(
        published=published,
        account=_account_of(published),
        recorded_at=recorded_at,
        position=position,
        used=used,
        base=ready_in_window(used, None),
        in_windows={window: ready_in_window(used, window) for window in (form.windows if form else ())},
    )


def _account_of(published: PriceVersionPublished) -> AccountKey | None:
    if published.account_tenant is None or published.account_id is None:
        return None
    return published.account_tenant, published.account_id
