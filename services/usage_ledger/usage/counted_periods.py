"""What a line adds to the quantities of its month: said in the line, and known to the lines after it (P5)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from usage_ledger.accounts.events import ChargeLine
from usage_ledger.accounts.period_quantities import PeriodsAhead, quantity_in
from usage_ledger.pricing.exact_amount import Before
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed
from usage_ledger.usage.attempt import Attempt

_NOTHING = RatingDetail()


def with_counted(rating: RatingDetail | None, before: Before, attempt: Attempt) -> RatingDetail | None:
    """The rating, in which every bucket that a price counts by period has what there was before.

    The charge's own tiers say so already; a list price that only tells what the provider takes counts as well.
    """
    detail = rating or _NOTHING
    named = {tier.bucket for tier in detail.tiers}
    used = {bucket for bucket, quantity in _quantities(attempt) if quantity}
    more = [TierUsed(bucket, before[bucket], None) for bucket in sorted((before.keys() & used) - named)]
    return replace(detail, tiers=(*detail.tiers, *more)) if more else rating


def count_line(periods: PeriodsAhead | None, model: str, line: ChargeLine) -> None:
    """Let the lines after this one in the same command find it counted."""
    rating = line.detail.rating if line.detail else None
    for tier in rating.tiers if rating and periods else ():
        if periods is not None and tier.quantity_before is not None:
            periods.add(model, tier.bucket, quantity_in(line, tier.bucket), line.occurred_at)


def _quantities(attempt: Attempt) -> Iterable[tuple[str, int]]:
    return ("input", attempt.input), ("cache_read", attempt.cache_read), ("output", attempt.output), *attempt.others
