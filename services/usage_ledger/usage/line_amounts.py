"""The numbers of one charge line: what is charged, what the provider takes, what waits in suspense (U8, U11-U13)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.events import ReportedCost
from usage_ledger.money import half_even_to_nano
from usage_ledger.pricing.choice import Choice
from usage_ledger.pricing.events import LineOutcome
from usage_ledger.pricing.exact_amount import NOTHING_BEFORE, Before
from usage_ledger.pricing.rating import Rated, provider_cost, rate_cost_plus, rate_line
from usage_ledger.pricing.rating_detail import RatingDetail
from usage_ledger.refusals import Refusal
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.counted_periods import with_counted
from usage_ledger.usage.route import Route


class LineAmounts(msgspec.Struct, frozen=True, gc=False):
    """Nano-units; ``provider_cost`` None is unknown, ``suspense`` None is nothing to post.

    ``rating`` says which parts of its price the line met, where the price has parts.
    """

    outcome: LineOutcome
    charged: int
    provider_cost: int | None
    suspense: int | None
    rating: RatingDetail | None = None


def line_amounts(attempt: Attempt, route: Route, recorded_before: Before = NOTHING_BEFORE) -> LineAmounts:
    """Rate the attempt. Raises ``Refusal('amount_out_of_range')`` where an amount passes 64 bits (M2).

    Reading a stored answer is never billable; nobody is charged for a metered attempt; a failed one is charged only
    where the policy says so. ``recorded_before`` is what there was in the period of a line that is rated again, by
    bucket; of buckets that it does not name there is what there is now.
    """
    choice = route.choice
    if choice.plain is None or attempt.exemption is not None or route.booking.account is None:
        return _amounts_by_parts(attempt, route, recorded_before)
    charged, outcome, _ = rate_line(choice, attempt.input, attempt.cache_read, attempt.output, attempt.others)
    cost = _provider_cost(attempt, choice, NOTHING_BEFORE)
    return LineAmounts(outcome, charged, cost, _suspense(attempt, route) if outcome in UNPRICED else None)


def _amounts_by_parts(attempt: Attempt, route: Route, recorded_before: Before) -> LineAmounts:
    """Of an attempt that is not, like nearly all, simply charged by quantities times prices."""
    exemption, choice = attempt.exemption, route.choice
    if exemption == "not_billable":
        # The provider took nothing again, so its list price does not apply: only what was reported.
        return LineAmounts("not_billable", 0, _reported(attempt), None)
    before = {**_quantities_before(attempt, route), **recorded_before} if choice.period_buckets else NOTHING_BEFORE
    if route.booking.account is None:
        return LineAmounts("byok", 0, _provider_cost(attempt, choice, before), None)
    if exemption is not None and not choice.policy.charge_failed:
        outcome = "byok" if choice.byok_fee else exemption
        return LineAmounts(outcome, 0, _provider_cost(attempt, choice, before), None)
    (charged, outcome, rating), cost = _charge_and_cost(attempt, route, before)
    if outcome in UNPRICED:
        return LineAmounts(outcome, charged, cost, _suspense(attempt, route))
    return LineAmounts(outcome, charged, cost, None, with_counted(rating, before, attempt) if before else rating)


def _charge_and_cost(attempt: Attempt, route: Route, before: Before) -> tuple[Rated, int | None]:
    choice = route.choice
    counts = attempt.input, attempt.cache_read, attempt.output, attempt.others
    reported = reported_femto(attempt.reported_cost, route.booking.currency)
    if choice.is_cost_plus:
        return rate_cost_plus(choice, *counts, reported, before)
    return rate_line(choice, *counts, reported, before), _provider_cost(attempt, choice, before)


def charge_of(attempt: Attempt, route: Route) -> int | None:
    """Nano-units that the attempt would be charged; None where the amount passes 64 bits."""
    try:
        return line_amounts(attempt, route).charged
    except Refusal:
        return None


def reported_femto(reported: ReportedCost | None, currency: str | None) -> int | None:
    """The reported cost, if it is in that currency: a number in another one would be misread."""
    return None if reported is None or reported.currency != currency else reported.femto


def _quantities_before(attempt: Attempt, route: Route) -> Before:
    """Nobody's metered usage is counted: each request of it stands alone."""
    choice, periods = route.choice, route.booking.periods
    if periods is None:
        return NOTHING_BEFORE
    return periods.before(choice.basis.model, choice.period_buckets, attempt.occurred_at)


def _provider_cost(attempt: Attempt, choice: Choice, before: Before) -> int | None:
    cost = choice.cost
    if cost is None:
        return _reported(attempt)
    return provider_cost(
        choice,
        attempt.input,
        attempt.cache_read,
        attempt.output,
        attempt.others,
        reported_femto(attempt.reported_cost, cost.published.currency),
        before,
    )


def _reported(attempt: Attempt) -> int | None:
    return None if attempt.reported_cost is None else half_even_to_nano(attempt.reported_cost.femto)


def _suspense(attempt: Attempt, route: Route) -> int | None:
    """What an unpriced line may come to cost: its reported cost, if that is in the account's currency (U12)."""
    reported = reported_femto(attempt.reported_cost, route.booking.currency)
    return None if reported is None else half_even_to_nano(reported) or None
