"""How much of a bucket an account used in a calendar month, counted only where a price asks for it (P5).

A line that was rated by the quantity of its period says in the event what there was before it; the count goes on from
there. What it does not count: lines of prices that count the request alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.events import ChargeLine, SuspendedUsageRated, UsageRecorded
from usage_ledger.months import month_of
from usage_ledger.pricing.events import PriceBasis, PriceUsed

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account

_FREQUENT = ("input", "cache_read", "output")


def period_key(model: str, bucket: str, month: str) -> str:
    """Of the count of one model's bucket in a month (``YYYY-MM``)."""
    return f"{month} {bucket} {model}"


def count_periods(account: Account, usage: UsageRecorded | SuspendedUsageRated | UsageCorrected) -> None:
    """Add the lines of an event that were rated by their period. Nearly always no price of it counts by period.

    Of a correction the lines as they were are taken off.
    """
    counted = [_counts_by_period(basis) for basis in usage.prices]
    if not any(counted):
        return
    for line in usage.lines:
        _count(account, usage.prices[line.price], line, 1)
    for line in usage.before if isinstance(usage, UsageCorrected) else ():
        _count(account, usage.prices[line.price], line, -1)


def _count(account: Account, basis: PriceBasis, line: ChargeLine, times: int) -> None:
    counts = account.period_quantities
    for bucket, quantity in _rated_by_period(line):
        key = period_key(basis.model, bucket, month_of(line.occurred_at, account.zone))
        counts[key] = counts.get(key, 0) + times * quantity


def quantity_in(line: ChargeLine, bucket: str) -> int:
    """How much of a bucket the line has."""
    if bucket in _FREQUENT:
        return getattr(line, bucket)
    others = line.detail.other_buckets if line.detail else ()
    return next((other.quantity for other in others if other.bucket == bucket), 0)


def _rated_by_period(line: ChargeLine) -> Iterator[tuple[str, int]]:
    rating = line.detail.rating if line.detail else None
    for tier in rating.tiers if rating else ():
        if tier.quantity_before is not None:
            yield tier.bucket, quantity_in(line, tier.bucket)


def _counts_by_period(basis: PriceBasis) -> bool:
    return _has_period(basis.charge) or _has_period(basis.cost)


def _has_period(used: PriceUsed | None) -> bool:
    form = used.form if used else None
    return form is not None and any(each.basis == "period" for each in (*form.tiers, *form.packages))


class PeriodsAhead:
    """The counts as one command will leave them: lines are rated before any of them is recorded."""

    __slots__ = ("_account", "_added")

    def __init__(self, account: Account) -> None:
        self._account = account
        self._added: dict[str, int] = {}

    def before(self, model: str, buckets: frozenset[str], occurred_at: int) -> Mapping[str, int]:
        """By bucket, what there was in the month of the instant (microseconds UTC), in the account's zone."""
        month = month_of(occurred_at, self._account.zone)
        keys = {bucket: period_key(model, bucket, month) for bucket in buckets}
        recorded = self._account.period_quantities
        return {bucket: recorded.get(key, 0) + self._added.get(key, 0) for bucket, key in keys.items()}

    def add(self, model: str, bucket: str, quantity: int, occurred_at: int) -> None:
        """A line that comes before the next one in the same command."""
        key = period_key(model, bucket, month_of(occurred_at, self._account.zone))
        self._added[key] = self._added.get(key, 0) + quantity
